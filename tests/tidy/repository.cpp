#include "tests/tidy/repository.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace holdfast::tidy {

namespace {

namespace fs = std::filesystem;

bool is_skipped_folder(const std::string& path, const std::string& name) {
  const bool hidden = name.starts_with('.') && name != ".ci";
  return hidden || name == "build" || name == "__pycache__" || path == "tests/fuzz/corpus" || path == "tests/data";
}

bool is_skipped_file(const std::string& name) {
  if (name.starts_with('.')) return !name.starts_with(".clang") && name != ".gitignore";
  return name == "LICENSE" || name.ends_with(".in") || name.ends_with(".ok");
}

std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void read_folder(const fs::path& top, const fs::path& folder, std::vector<source>& out) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string path = entry.path().lexically_relative(top).generic_string();
    const std::string name = entry.path().filename().string();
    if (entry.is_symlink()) continue;
    if (entry.is_directory()) {
      if (!is_skipped_folder(path, name)) read_folder(top, entry.path(), out);
    } else if (!is_skipped_file(name)) {
      std::string text = slurp(entry.path());
      if (text.find('\0') == std::string::npos) out.emplace_back(path, std::move(text));
    }
  }
}

}  // namespace

std::vector<source> read_repository(const fs::path& top) {
  std::vector<source> out;
  read_folder(top, top, out);
  std::sort(out.begin(), out.end(), [](const source& a, const source& b) { return a.path < b.path; });
  return out;
}

std::map<std::string, std::size_t> files_per_folder(const std::vector<source>& sources) {
  std::map<std::string, std::size_t> count;
  for (const source& s : sources) {
    if (s.is_cpp()) ++count[s.path.substr(0, s.path.rfind('/'))];
  }
  return count;
}

}  // namespace holdfast::tidy
