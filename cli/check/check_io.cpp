#include "cli/check/check_io.h"

#include <net/if.h>

#include <algorithm>
#include <cstdio>

#include "base/tls/cluster_key_io.h"
#include "cli/configuration/config.h"
#include "cli/configuration/files_io.h"
#include "cli/configuration/node_check.h"

namespace holdfast {

namespace {

machine_facts look_at_machine(const settings& s) {
  machine_facts has;
  if (auto* all = if_nameindex()) {
    for (const auto* one = all; one->if_index != 0; ++one) has.interfaces.emplace_back(one->if_name);
    if_freenameindex(all);
  }
  if (s.cluster_key.empty()) return has;
  if (const auto key = load_cluster_keys(s.cluster_key, s.next_cluster_key); !key) has.key_trouble = key.error();
  return has;
}

}  // namespace

int check_file(const std::string& path, const std::string& node, const settings& base,
               const std::function<findings(const settings&)>& own) {
  const auto loaded = load_config(path, node, read_whole_file, base);
  std::vector<config_error> errors = loaded ? std::vector<config_error>() : loaded.error().all;
  const settings& said = loaded ? *loaded : loaded.error().rest;
  findings refused = own(said);
  const auto warns =
      std::stable_partition(refused.begin(), refused.end(), [](const finding& f) { return f.is != severity::warns; });
  findings doubtful(warns, refused.end());
  refused.erase(warns, refused.end());
  for (finding& f : check_machine(said, look_at_machine(said))) {
    const auto same = [&](const finding& other) { return other.about == f.about; };
    if (std::none_of(refused.begin(), refused.end(), same)) doubtful.push_back(std::move(f));
  }
  for (config_error& e : located(refused, path, node, read_whole_file, base)) errors.push_back(std::move(e));
  const auto warnings = warnings_about(said, doubtful, path, node, read_whole_file, base);

  for (const config_error& e : errors) std::fprintf(stderr, "%s\n", e.text().c_str());
  for (const config_error& w : warnings) std::fprintf(stderr, "%s\n", w.text("warning: ").c_str());
  return errors.empty() ? 0 : 1;
}

}  // namespace holdfast
