// The rules of the house, held against every file of the repository.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iostream>

#include "tests/places.h"
#include "tests/tidy/company.h"
#include "tests/tidy/floors.h"
#include "tests/tidy/repository.h"
#include "tests/tidy/rules.h"

namespace holdfast::tidy {

namespace {

const std::vector<source>& repository() {
  static const std::vector<source> sources = read_repository(own_sources());
  return sources;
}

template <class Rule>
void hold(const Rule& rule) {
  for (const source& s : repository()) {
    for (const finding& f : rule(s)) ADD_FAILURE() << f.path << ":" << f.line << ": " << f.what;
  }
}

TEST(House, IsReadFromTheRightPlace) {
  ASSERT_GT(repository().size(), 20U);
  EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(own_sources()) / "base/ensure.h"));
}

TEST(House, RoomsKnowOnlyWhomTheyMay) { hold(check_dependencies); }
TEST(House, FoldersAreFloors) {
  std::ifstream in(std::filesystem::path(own_sources()) / "CMakeLists.txt");
  const floors all = read_floors(std::string(std::istreambuf_iterator<char>(in), {}));
  ASSERT_GT(all.size(), 20U);
  hold([&](const source& s) { return check_floors(s, all); });
}

TEST(House, HasNoCircleOfFolders) {
  std::string way;
  for (const std::string& folder : shortest_cycle(repository())) way += (way.empty() ? "" : " -> ") + folder;
  EXPECT_EQ(way, "");
}

TEST(House, FunctionsAreShort) { hold(check_function_length); }
TEST(House, FilesAreShort) { hold(check_file_length); }
TEST(House, FileNamesSaySomething) { hold(check_file_name); }
TEST(House, HeadersOpenWithTheirPromise) { hold(check_header_shape); }
TEST(House, HasNoForbiddenWords) { hold(check_forbidden_words); }
TEST(House, PureFilesStayPure) { hold(check_purity); }
TEST(House, HasNoStrayWhitespace) { hold(check_whitespace); }

TEST(House, DocumentsHaveNoDeadLinks) {
  const auto exists = [](const std::string& path) {
    return std::filesystem::exists(std::filesystem::path(own_sources()) / path);
  };
  hold([&](const source& s) { return check_links(s, exists); });
}

TEST(House, DocumentsNameWhatThereIs) {
  const named all = names_of(repository());
  ASSERT_GT(all.tests.size(), 1000U);
  hold([&](const source& s) { return check_names(s, all); });
}

// Each has a reason; ten at most.
const excused no_test_of_their_name = {
    {"balancer/relay/connection", "values of a slot, as connection_lists_test and closing_orders_test make them"},
    {"balancer/relay/flow_clients", "a part of flow_driver: flow_test"},
    {"balancer/relay/flow_servers", "a part of flow_driver: flow_test"},
    {"balancer/relay/flow_traffic", "a part of flow_driver: flow_test, crowd_test"},
    {"balancer/worker/acceptor", "a part of worker: worker_test, crowd_test"},
    {"cli/language/row", "what rows are made with: table_test tries every row"},
    {"cli/procedures/clients_file", "hfctl itself: procedures_test"},
    {"cli/procedures/drain", "hfctl itself: procedures_test"},
    {"vrrp/agent/agent", "all of the program: tests/lab/vrrp"},
    {"vrrp/agent/agent_commands", "all of the program: tests/lab/vrrp"},
};

TEST(House, HasATestBesideEveryName) {
  for (const finding& f : check_tests(repository(), no_test_of_their_name)) ADD_FAILURE() << f.path << ": " << f.what;
  EXPECT_LE(no_test_of_their_name.size(), 10U);
}

TEST(House, HasNoNamesakes) {
  for (const finding& f : check_namesakes(repository())) ADD_FAILURE() << f.path << ": " << f.what;
}

TEST(House, CallsNothingIoThatReachesNothing) {
  for (const finding& f : check_io_names(repository())) ADD_FAILURE() << f.path << ": " << f.what;
}

// What decides is pure: not more than 45 of 100 lines of what runs reach the machine.
TEST(House, KeepsWhatReachesTheMachineSmall) {
  io_share both;
  for (const char* room : {"balancer", "vrrp"}) {
    const io_share share = share_of(repository(), room);
    std::cout << "[  figure  ] " << room << ": " << share.io << " of " << share.all << " lines in _io files, "
              << std::lround(share.percent()) << " %\n";
    both.io += share.io;
    both.all += share.all;
  }
  EXPECT_LE(both.percent(), 45);
}

// A room that grows wants an inner door. Tests stand beside what they test: a folder a room.
TEST(House, CountsTheFilesOfItsRooms) {
  for (const auto& [folder, files] : files_per_folder(repository())) {
    EXPECT_GT(files, 0U) << folder;
    if (!folder.starts_with("tests")) EXPECT_LE(files, max_folder_files) << folder << ": a subfolder would help";
  }
}

}  // namespace

}  // namespace holdfast::tidy
