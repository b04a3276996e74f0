#include "balancer/table/table_file.h"

#include <boost/container/static_vector.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <unordered_set>

#include "base/codec.h"
#include "base/ensure.h"
#include "sync/packed.h"

namespace holdfast {

namespace {

constexpr std::string_view magic = "holdfast clients";
constexpr std::size_t entries_at_once = 1024;

constexpr auto crc_table = [] {
  std::array<std::uint32_t, 256> made{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t x = i;
    for (int bit = 0; bit < 8; ++bit) x = (x >> 1) ^ ((x & 1) != 0 ? 0x82f63b78 : 0);
    made[i] = x;
  }
  return made;
}();

class writing {
 public:
  explicit writing(const byte_sink& to) : to_(to) {}

  void bytes(std::span<const std::uint8_t> all) {
    sum_ = crc32c(all, sum_);
    good_ = good_ && to_(all);
  }
  template <class Number>
  void number(Number value) {
    boost::container::static_vector<std::uint8_t, sizeof value> all;
    put_number(all, value);
    bytes(all);
  }
  void text(std::string_view value) { bytes({reinterpret_cast<const std::uint8_t*>(value.data()), value.size()}); }
  void name(std::string_view value) {
    ensure(value.size() <= max_table_file_name);
    number(static_cast<std::uint8_t>(value.size()));
    text(value);
  }
  void block(const std::vector<std::uint8_t>& packed) {
    number(static_cast<std::uint32_t>(packed.size()));
    bytes(packed);
  }
  std::uint32_t sum() const { return sum_; }
  bool good() const { return good_; }

 private:
  const byte_sink& to_;
  std::uint32_t sum_ = 0;
  bool good_ = true;
};

// After the first failure everything read is 0.
class reading {
 public:
  explicit reading(const byte_source& from) : from_(from) {}

  bool bytes(std::span<std::uint8_t> all) {
    good_ = good_ && from_(all);
    if (!good_) std::fill(all.begin(), all.end(), std::uint8_t{0});
    sum_ = crc32c(all, sum_);
    return good_;
  }
  template <class Number>
  Number number() {
    std::array<std::uint8_t, sizeof(Number)> all{};
    bytes(all);
    return number_of<Number>(all);
  }
  std::string text(std::size_t length) {
    std::string out(length, '\0');
    bytes({reinterpret_cast<std::uint8_t*>(out.data()), length});
    return out;
  }
  std::string name() { return text(number<std::uint8_t>()); }
  bool at_end() const {
    std::array<std::uint8_t, 1> one{};
    return !from_(one);
  }
  std::uint32_t sum() const { return sum_; }
  bool good() const { return good_; }

 private:
  const byte_source& from_;
  std::uint32_t sum_ = 0;
  bool good_ = true;
};

result<table_file_head, table_refusal> read_head(reading& in, const std::string& service) {
  if (in.text(magic.size()) != magic) return in.good() ? table_refusal::no_table : table_refusal::cut_short;
  if (in.number<std::uint32_t>() != table_file_version) {
    return in.good() ? table_refusal::other_version : table_refusal::cut_short;
  }
  table_file_head head;
  head.service = in.name();
  head.capacity = in.number<std::uint32_t>();
  const auto count = in.number<std::uint32_t>();
  if (!in.good()) return table_refusal::cut_short;
  if (head.service != service) return table_refusal::other_service;
  if (count > max_table_file_servers) return table_refusal::bad_server;
  std::set<sync_number> seen{nobody};
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto number = in.number<std::uint32_t>();
    head.servers.push_back({number, in.name()});
    if (!in.good()) return table_refusal::cut_short;
    if (!seen.insert(number).second) return table_refusal::bad_server;
  }
  return head;
}

// How many entries the block holds; 0: it is broken, for none is empty.
std::uint64_t read_block(std::span<const std::uint8_t> packed, const table_file_head& head, const entry_taker& take) {
  std::vector<sync_entry> some;
  entry_reader all(packed);
  std::uint64_t count = 0;
  while (const auto entry = all.next()) {
    some.push_back(*entry);
    ++count;
    if (some.size() < entries_at_once) continue;
    take(head, some);
    some.clear();
  }
  if (all.broken()) return 0;
  if (!some.empty()) take(head, some);
  return count;
}

}  // namespace

std::uint32_t crc32c(std::span<const std::uint8_t> bytes, std::uint32_t before) {
  std::uint32_t x = ~before;
  for (const std::uint8_t b : bytes) x = (x >> 8) ^ crc_table[(x ^ b) & 0xff];
  return ~x;
}

std::optional<std::uint64_t> write_table_file(const table_file_head& head, const entry_source& from,
                                              const byte_sink& to) {
  ensure(head.servers.size() <= max_table_file_servers);
  writing out(to);
  out.text(magic);
  out.number(table_file_version);
  out.name(head.service);
  out.number(head.capacity);
  out.number(static_cast<std::uint32_t>(head.servers.size()));
  std::unordered_set<sync_number> named{nobody};
  for (const auto& s : head.servers) {
    out.number(s.number);
    out.name(s.identity);
    named.insert(s.number);
  }
  entry_packer block(table_file_block);
  std::vector<sync_entry> some(entries_at_once);
  std::uint64_t count = 0;
  for (std::size_t got = from(some); got > 0 && out.good(); got = from(some)) {
    for (const sync_entry& e : std::span(some).first(got)) {
      if (!named.contains(e.server)) continue;
      ++count;
      if (block.add(e)) continue;
      out.block(block.take());
      ensure(block.add(e));
    }
  }
  if (block.count() > 0) out.block(block.take());
  out.number(std::uint32_t{0});
  out.number(count);
  out.number(out.sum());
  return out.good() ? std::optional(count) : std::nullopt;
}

result<std::uint64_t, table_refusal> read_table_file(const byte_source& from, const std::string& service,
                                                     const entry_taker& take) {
  reading in(from);
  const auto head = read_head(in, service);
  if (!head) return head.error();
  std::vector<std::uint8_t> block;
  std::uint64_t count = 0;
  for (auto length = in.number<std::uint32_t>(); length > 0; length = in.number<std::uint32_t>()) {
    if (length > table_file_block) return table_refusal::bad_entries;
    block.resize(length);
    if (!in.bytes(block)) return table_refusal::cut_short;
    const std::uint64_t held = read_block(block, *head, take);
    if (held == 0) return table_refusal::bad_entries;
    count += held;
  }
  const auto stated = in.number<std::uint64_t>();
  const std::uint32_t computed = in.sum();
  const auto sum = in.number<std::uint32_t>();
  if (!in.good()) return table_refusal::cut_short;
  if (sum != computed) return table_refusal::bad_checksum;
  if (stated != count) return table_refusal::bad_count;
  if (!in.at_end()) return table_refusal::too_long;
  return count;
}

const char* describe(table_refusal why) {
  switch (why) {
    case table_refusal::cut_short: return "it is cut short";
    case table_refusal::no_table: return "it holds no client table";
    case table_refusal::other_version: return "it is of another version";
    case table_refusal::other_service: return "it is of another service";
    case table_refusal::bad_server: return "its servers are damaged";
    case table_refusal::bad_entries: return "its entries are damaged";
    case table_refusal::bad_count: return "its number of entries is wrong";
    case table_refusal::bad_checksum: return "its checksum is wrong";
    case table_refusal::too_long: return "something follows its end";
  }
  return "";
}

}  // namespace holdfast
