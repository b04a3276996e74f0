#include "balancer/choice/country_layout.h"

namespace holdfast {

namespace {

constexpr std::string_view marker = "\xab\xcd\xefMaxMind.com";
constexpr int deepest = 64;  // maps and arrays within each other

enum class kind : std::uint8_t { pointer = 1, text = 2, real = 3, bytes = 4, map = 7, array = 11, boolean = 14 };

struct field {
  kind is{};
  std::uint64_t size = 0;  // bytes of its value; elements of a map or an array
};

class reader {
 public:
  explicit reader(std::string_view from) : rest_(from) {}

  // The elements of the outermost map that we want; false when something does not add up.
  bool read(country_layout& out) {
    const field all = head();
    if (all.is != kind::map) return false;
    for (std::uint64_t i = 0; i < all.size && sane_; ++i) {
      const field name = head();
      if (name.is != kind::text) return false;
      const std::string_view key = take(name.size);
      if (key == "node_count") {
        out.nodes = number();
      } else if (key == "record_size") {
        const std::uint64_t bits = number();  // of one of a node's two records
        out.node_bytes = bits % 4 == 0 ? bits / 4 : 0;
      } else {
        skip(0);
      }
    }
    return sane_;
  }

 private:
  std::string_view take(std::uint64_t count) {
    sane_ = sane_ && count <= rest_.size();
    if (!sane_) return {};
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::uint64_t big_endian(std::uint64_t count) {
    std::uint64_t value = 0;
    for (const char c : take(count)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }

  field head() {
    const std::uint64_t first = big_endian(1);
    field f{.is = static_cast<kind>(first >> 5), .size = first & 31};
    if (f.is == kind::pointer) return {.is = f.is, .size = (first >> 3 & 3) + 1};
    if (first >> 5 == 0) f.is = static_cast<kind>(big_endian(1) + 7);
    if (f.size == 29) {
      f.size = 29 + big_endian(1);
    } else if (f.size == 30) {
      f.size = 285 + big_endian(2);
    } else if (f.size == 31) {
      f.size = 65821 + big_endian(3);
    }
    return f;
  }

  std::uint64_t number() {
    const field f = head();
    sane_ = sane_ && f.is != kind::pointer && f.is != kind::map && f.is != kind::array && f.size <= 4;
    return sane_ ? big_endian(f.size) : 0;
  }

  void skip(int depth) {
    const field f = head();
    sane_ = sane_ && depth < deepest;
    const bool nested = f.is == kind::map || f.is == kind::array;
    if (!nested && f.is != kind::boolean) take(f.size);
    const std::uint64_t inside = f.is == kind::map ? 2 * f.size : f.size;
    for (std::uint64_t i = 0; nested && i < inside && sane_; ++i) skip(depth + 1);
  }

  std::string_view rest_;
  bool sane_ = true;
};

}  // namespace

std::optional<country_layout> read_country_layout(std::string_view file) {
  const std::size_t at = file.rfind(marker);
  if (at == file.npos) return std::nullopt;
  country_layout out;
  if (!reader(file.substr(at + marker.size())).read(out)) return std::nullopt;
  constexpr std::uint64_t separator = 16;
  const bool known = out.node_bytes == 6 || out.node_bytes == 7 || out.node_bytes == 8;
  if (!known || out.nodes == 0 || out.nodes * out.node_bytes + separator > at) return std::nullopt;
  return out;
}

}  // namespace holdfast
