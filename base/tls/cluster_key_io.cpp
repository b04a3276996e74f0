#include "base/tls/cluster_key_io.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "base/descriptor_io.h"

namespace holdfast {

namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t text_bytes = key_bytes * 2 + 1;
using key_text = secret<text_bytes>;

key_text spell(const secret_key& key) {
  constexpr char digits[] = "0123456789abcdef";
  key_text text;
  auto out = text.bytes().begin();
  for (const std::uint8_t byte : key.bytes()) {
    *out++ = static_cast<std::uint8_t>(digits[byte >> 4]);
    *out++ = static_cast<std::uint8_t>(digits[byte & 15]);
  }
  *out = '\n';
  return text;
}

std::optional<std::uint8_t> digit(std::uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// False unless `text` is digits and a newline.
bool read_digits(std::span<const std::uint8_t> text, secret_key& key) {
  for (std::size_t i = 0; i < key_bytes; ++i) {
    const auto high = digit(text[2 * i]);
    const auto low = digit(text[2 * i + 1]);
    if (!high || !low) return false;
    key.bytes()[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return text[text_bytes - 1] == '\n';
}

failure cant(const std::string& what, const std::string& path, const std::string& why) {
  return {"can't " + what + " the cluster key " + path + ": " + why};
}

std::string mode_text(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", mode & 07777U);
  return text;
}

}  // namespace

result<void, std::string> make_cluster_key(const std::string& path) {
  secret_key key;
  if (getrandom(key.bytes().data(), key_bytes, 0) != key_bytes) return cant("make", path, "no random bytes");
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code failed;
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  if (failed) return cant("make", path, "its directory " + folder.string() + ": " + failed.message());
  const descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file && errno == EEXIST) return cant("make", path, "it exists already, and a key is never overwritten");
  if (!file) return cant("make", path, std::strerror(errno));

  const key_text text = spell(key);
  const bool done = fchmod(file.get(), 0600) == 0 && write(file.get(), text.bytes().data(), text_bytes) == text_bytes &&
                    fsync(file.get()) == 0;
  if (done) return {};
  const std::string why = std::strerror(errno);
  unlink(path.c_str());
  return cant("make", path, why);
}

result<secret_key, std::string> load_cluster_key(const std::string& path) {
  const descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat found{};
  if (!file || fstat(file.get(), &found) != 0) return cant("read", path, std::strerror(errno));
  if (!S_ISREG(found.st_mode)) return cant("use", path, "expected a regular file");
  if ((found.st_mode & 077U) != 0) {
    return cant("use", path, "expected mode 0600, so that only its owner reads it, not " + mode_text(found.st_mode));
  }
  secret<text_bytes + 1> text;  // one more, to notice a file that is too long
  const ssize_t size = read(file.get(), text.bytes().data(), text.bytes().size());
  if (size < 0) return cant("read", path, std::strerror(errno));
  secret_key key;
  if (size != text_bytes || !read_digits(text.bytes(), key)) {
    return cant("use", path, "expected 64 hexadecimal digits and a newline, as `hfctl cluster key new` writes them");
  }
  return key;
}

result<cluster_keys, std::string> load_cluster_keys(const std::string& path, const std::string& next) {
  auto first = load_cluster_key(path);
  if (!first) return failure{first.error()};
  if (next.empty()) return cluster_keys(std::move(*first));
  auto second = load_cluster_key(next);
  if (!second) return failure{second.error()};
  return cluster_keys(std::move(*first), std::move(*second));
}

}  // namespace holdfast
