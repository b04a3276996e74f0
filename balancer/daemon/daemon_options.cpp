#include "balancer/daemon/daemon_options.h"

#include <algorithm>

#include "balancer/farm/orders.h"

namespace holdfast {

result<settings, std::string> config_of(const daemon_options& options, const file_reader& read,
                                        const std::optional<std::string>& text) {
  const std::string& ours = options.config_file;
  if (ours.empty()) return options.base;
  const auto reader = [&](const std::string& path) {
    return text && path == ours ? result<std::string, std::string>(boost::system::in_place_value, *text) : read(path);
  };
  auto loaded = load_config(ours, options.node, reader, options.base);
  if (!loaded) return loaded.error().text();
  return std::move(*loaded);
}

result<reread, std::string> config_again(const daemon_options& options, const settings& before, const settings& running,
                                         const file_reader& read) {
  if (!options.pen) {
    auto said = config_of(options, read);
    if (!said) return failure{said.error()};
    return reread{with_orders(*said, before, running), *said};
  }
  if (options.config_file.empty()) return reread{running, running};
  auto more = add_config(options.config_file, options.node, read, running);
  if (!more) return failure{more.error().text()};
  return reread{*more, *more};
}

std::map<std::string, config_lines> lines_for_nodes(const daemon_options& options, const settings& loaded,
                                                    const file_reader& read) {
  std::map<std::string, config_lines> says;
  if (options.config_file.empty()) return says;
  for (const auto& [node, there] : load_for_nodes(loaded, options.config_file, options.node, read, options.base)) {
    if (there) says[node] = lines_of(write_config(*there));
  }
  return says;
}

unsigned workers_of(const settings& s, unsigned cores) { return s.workers == 0 ? std::max(1U, cores) : s.workers; }

}  // namespace holdfast
