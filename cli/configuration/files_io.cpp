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

namespace {

std::string beside(const std::string& path) { return path + ".new"; }

std::string cant_write(const std::string& path) {
  const std::string why = std::strerror(errno);
  remove_beside(path);
  return "can't write " + path + ": " + why;
}

}  // namespace

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
  const auto written = write_beside(path, text);
  return written ? put_in_place(path) : written;
}

result<void, std::string> write_beside(const std::string& path, const std::string& text) {
  std::ofstream out(beside(path), std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  return out ? result<void, std::string>() : cant_write(path);
}

result<void, std::string> put_in_place(const std::string& path) {
  if (std::rename(beside(path).c_str(), path.c_str()) != 0) return cant_write(path);
  return {};
}

void remove_beside(const std::string& path) { ::unlink(beside(path).c_str()); }

result<void, std::string> save_config(const std::string& path, const std::string& text) {
  const auto former = read_whole_file(path);
  if (const auto lost = former ? first_unwritable(*former) : std::nullopt) {
    return path + ':' + std::to_string(lost->line) + ": `" + lost->text +
           "` would be lost, for only what holds on this node is written: say `write FILE`, another file";
  }
  return replace_file(path, text);
}

}  // namespace holdfast
