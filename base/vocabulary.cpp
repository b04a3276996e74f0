#include "base/vocabulary.h"

#include <algorithm>

#include "base/codec.h"
#include "base/ensure.h"

namespace holdfast {

namespace {

enum class kind : std::uint8_t { beat = 1, condition = 2, role = 3, look = 5 };

constexpr std::size_t beat_length = 4;
constexpr std::size_t condition_length = 18;
constexpr std::size_t look_length = 11;
constexpr std::size_t role_head = 3;

bool is_group_name(std::string_view name) {
  const auto visible = [](char c) { return c > ' ' && c <= '~'; };
  return !name.empty() && name.size() <= longest_group_name && std::all_of(name.begin(), name.end(), visible);
}

packet begin(kind k) { return {vocabulary_version, static_cast<std::uint8_t>(k)}; }

packet encode_one(const beat& b) {
  ensure(b.worker <= control_thread);
  packet out = begin(kind::beat);
  put_number(out, b.worker);
  return out;
}

packet encode_one(const condition& c) {
  ensure(c.workers >= 1 && c.workers <= most_beating_workers && c.servers_alive <= c.servers);
  packet out = begin(kind::condition);
  put_number(out, c.workers);
  put_number(out, c.listeners);
  put_number(out, c.servers_alive);
  put_number(out, c.servers);
  out.push_back(c.stopping ? 1 : 0);
  out.push_back(c.in_sync ? 1 : 0);
  return out;
}

packet encode_one(const look& l) {
  packet out = begin(kind::look);
  out.push_back(l.alive ? 1 : 0);
  put_number(out, l.at);
  return out;
}

packet encode_one(const role_change& r) {
  ensure(is_group_name(r.group));
  packet out = begin(kind::role);
  out.push_back(static_cast<std::uint8_t>(r.is));
  out.insert(out.end(), r.group.begin(), r.group.end());
  return out;
}

result<link_message, misheard> decode_beat(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != beat_length) return misheard::length;
  const beat b{.worker = number_of<std::uint16_t>(bytes.subspan(2, 2))};
  if (b.worker > control_thread) return misheard::value;
  return link_message(b);
}

result<link_message, misheard> decode_condition(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != condition_length) return misheard::length;
  const condition c{.workers = number_of<std::uint16_t>(bytes.subspan(2, 2)),
                    .listeners = number_of<std::uint32_t>(bytes.subspan(4, 4)),
                    .servers_alive = number_of<std::uint32_t>(bytes.subspan(8, 4)),
                    .servers = number_of<std::uint32_t>(bytes.subspan(12, 4)),
                    .stopping = bytes[16] == 1,
                    .in_sync = bytes[17] == 1};
  const bool sound = c.workers >= 1 && c.workers <= most_beating_workers && c.servers_alive <= c.servers;
  if (!sound || bytes[16] > 1 || bytes[17] > 1) return misheard::value;
  return link_message(c);
}

result<link_message, misheard> decode_look(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != look_length) return misheard::length;
  if (bytes[2] > 1) return misheard::value;
  return link_message(look{.alive = bytes[2] == 1, .at = number_of<std::uint64_t>(bytes.subspan(3, 8))});
}

result<link_message, misheard> decode_role(std::span<const std::uint8_t> bytes) {
  if (bytes.size() <= role_head || bytes.size() > longest_message) return misheard::length;
  const auto name = bytes.subspan(role_head);
  role_change r{.group = std::string(name.begin(), name.end()), .is = static_cast<role>(bytes[2])};
  if (bytes[2] > static_cast<std::uint8_t>(role::active) || !is_group_name(r.group)) return misheard::value;
  return link_message(std::move(r));
}

}  // namespace

std::string_view name_of(role r) {
  switch (r) {
    case role::gone: return "gone";
    case role::initialize: return "initialize";
    case role::backup: return "backup";
    case role::active: return "active";
    case role::fault: return "fault";
    case role::released: return "released";
  }
  return "";
}

packet encode(const link_message& what) {
  return std::visit([](const auto& one) { return encode_one(one); }, what);
}

result<link_message, misheard> decode(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 2) return misheard::length;
  if (bytes[0] != vocabulary_version) return misheard::version;
  switch (static_cast<kind>(bytes[1])) {
    case kind::beat: return decode_beat(bytes);
    case kind::condition: return decode_condition(bytes);
    case kind::look: return decode_look(bytes);
    case kind::role: return decode_role(bytes);
  }
  return misheard::kind;
}

}  // namespace holdfast
