#include "cli/configuration/files_io.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "cli/configuration/config.h"

namespace holdfast {

result<std::string, std::string> read_whole_file(const std::string& path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return failure{path + ": " + std::strerror(errno)};
  if (!S_ISREG(about.st_mode)) return failure{path + ": expected a regular file"};
  if (static_cast<std::size_t>(about.st_size) > max_file) return failure{path + ": larger than 64 MiB"};
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return failure{path + ": " + std::strerror(errno)};
  return {boost::system::in_place_value, text.str()};
}

result<void, std::string> replace_file(const std::string& path, const std::string& text) {
  const std::string beside = path + ".new";
  std::ofstream out(beside, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out || std::rename(beside.c_str(), path.c_str()) != 0) {
    const std::string why = std::strerror(errno);
    ::unlink(beside.c_str());
    return "can't write " + path + ": " + why;
  }
  return {};
}

result<void, std::string> save_config(const std::string& path, const settings& s) {
  const auto former = read_whole_file(path);
  if (const auto lost = former ? first_unwritable(*former) : std::nullopt) {
    return path + ':' + std::to_string(lost->line) + ": `" + lost->text +
           "` would be lost, for only what holds on this node is written: say `write FILE`, another file";
  }
  return replace_file(path, write_config(s));
}

}  // namespace holdfast
