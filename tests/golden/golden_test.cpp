#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "cli/configuration/apply.h"
#include "cli/configuration/config.h"
#include "cli/language/grammar.h"
#include "cli/language/help.h"
#include "cli/manual/manual.h"
#include "cli/options/log_options.h"
#include "cli/options/pen_options.h"
#include "cli/options/vrrp_options.h"
#include "cli/reply/cluster_view.h"
#include "tests/cli/made_cluster.h"
#include "tests/places.h"

namespace holdfast {

namespace {

const std::string top = own_sources();
const std::string here = top + "/tests/golden/";

std::optional<std::string> content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// UPDATE_GOLDEN in the environment: what is said now becomes what is expected.
void expect_golden(const std::string& said, const std::string& path) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << said;
    return;
  }
  const auto expected = content(path);
  ASSERT_TRUE(expected) << path << " is missing: UPDATE_GOLDEN=1 writes it";
  EXPECT_EQ(said, *expected) << path << " differs: UPDATE_GOLDEN=1 rewrites it";
}

// What a configuration says to node lb1, written again; or what is wrong with it.
std::string loaded(const std::string& file) {
  const auto read = [](const std::string& path) -> result<std::string, std::string> {
    auto text = content(path);
    if (!text) return failure{"no such file"};
    return {boost::system::in_place_value, std::move(*text)};
  };
  const auto made = load_config(file, "lb1", read);
  if (made) return write_config(*made);
  std::string error = made.error().text() + '\n';
  for (auto at = error.find(here); at != error.npos; at = error.find(here)) error.erase(at, here.size());
  return error;
}

// What a control socket answers to one line after the other, as penctl shows it.
std::string session(const std::string& file) {
  std::istringstream lines(content(file).value_or(""));
  settings now;
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    text += "> " + line + '\n';
    const auto s = parse(line, source::control);
    if (!s) {
      text += s.error().text() + '\n';
      continue;
    }
    const auto done = apply(now, *s);
    text += done ? render_pen(answer(now, *s)) : "refused: " + done.error().why + '\n';
  }
  return text;
}

std::set<std::string> inputs(const std::string& folder) {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(here + folder)) {
    if (entry.path().extension() == ".in") found.insert(folder + '/' + entry.path().stem().string());
  }
  return found;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(info.param.find('/') + 1);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class ConfigurationFile : public testing::TestWithParam<std::string> {};
TEST_P(ConfigurationFile, SaysWhatItSaid) {
  expect_golden(loaded(here + GetParam() + ".in"), here + GetParam() + ".ok");
}
INSTANTIATE_TEST_SUITE_P(Golden, ConfigurationFile, testing::ValuesIn(inputs("config")), test_name);

class ControlSession : public testing::TestWithParam<std::string> {};
TEST_P(ControlSession, AnswersWhatItAnswered) {
  expect_golden(session(here + GetParam() + ".in"), here + GetParam() + ".ok");
}
INSTANTIATE_TEST_SUITE_P(Golden, ControlSession, testing::ValuesIn(inputs("session")), test_name);

TEST(Example, Loads) {
  const std::string said = loaded(top + "/systemd/holdfast.conf.example");
  EXPECT_NE(said.find("listen"), said.npos) << said;
}

TEST(Screen, OfTheClusterIsReviewed) {
  expect_golden(render_text(cluster_answer(made_cluster()), false), here + "cluster.ok");
  expect_golden(render_objects(cluster_answer(made_cluster())), here + "cluster-json.ok");
  expect_golden(render_text(cluster_answer(made_lonely_cluster()), false), here + "cluster-lonely.ok");
  expect_golden(render_objects(cluster_answer(made_lonely_cluster())), here + "cluster-lonely-json.ok");
}

TEST(Text, OfHelpIsReviewed) {
  expect_golden(help_overview(source::control), here + "help-control.ok");
  expect_golden(help_overview(source::file), here + "help-file.ok");
  expect_golden(help_on("server") + help_on("check"), here + "help-words.ok");
  expect_golden(pen_options_help(), here + "help-options.ok");
  expect_golden(vrrp_options_help(), here + "help-options-vrrp.ok");
  expect_golden(penlog_options_help() + penlogd_options_help() + mergelogs_options_help(),
                here + "help-options-log.ok");
}

TEST(Text, OfManualsIsReviewed) {
  expect_golden(manual_of_files(), here + "holdfast.conf.5.ok");
  expect_golden(manual_of_hfctl(), here + "hfctl.1.ok");
  expect_golden(manual_of_balancer(), here + "holdfast-balancer.8.ok");
  expect_golden(manual_of_vrrp(), here + "holdfast-vrrp.8.ok");
  expect_golden(manual_of_penlog(), here + "penlog.1.ok");
  expect_golden(manual_of_penlogd(), here + "penlogd.1.ok");
  expect_golden(manual_of_mergelogs(), here + "mergelogs.1.ok");
  expect_golden(completion_for_bash(), here + "completion.bash.ok");
}

TEST(Text, OfThePageOfCommandsIsThatInTheDocs) { expect_golden(page_of_commands(), top + "/docs/COMMANDS.md"); }

}  // namespace

}  // namespace holdfast
