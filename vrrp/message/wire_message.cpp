#include "vrrp/message/wire_message.h"

#include <algorithm>
#include <optional>

#include "base/codec.h"
#include "base/ensure.h"
#include "cli/language/words.h"
#include "cli/settings/settings.h"

namespace holdfast {

namespace {

constexpr std::uint64_t never = ~std::uint64_t{0};
constexpr std::uint64_t longest_ago = std::chrono::milliseconds(std::chrono::years(1)).count();  // is never

enum class kind : std::uint8_t { hello = 1, report, farewell, ping, pong };

address read_host(byte_reader& in) {
  const auto bytes = in.part(16);
  address::bytes_type value{};
  std::copy(bytes.begin(), bytes.end(), value.begin());
  return address(value);
}

bool is_printable(char c) { return c >= ' ' && c <= '~'; }

std::optional<wire_refusal> fault_of(const wire_hello& what) {
  if (!is_name(what.node)) return wire_refusal::bad_name;
  if (what.software.size() > max_wire_software) return wire_refusal::bad_software;
  if (!std::all_of(what.software.begin(), what.software.end(), is_printable)) return wire_refusal::bad_software;
  return std::nullopt;
}

std::optional<wire_refusal> fault_of(const wire_group& what) {
  if (!is_name(what.name)) return wire_refusal::bad_name;
  if (what.is == role::gone || what.is > role::active) return wire_refusal::bad_role;
  if (what.how > fitness::fault) return wire_refusal::bad_fitness;
  if (what.front4 != address() && !what.front4.is_v4()) return wire_refusal::bad_address;
  if (what.front6.is_v4()) return wire_refusal::bad_address;
  return std::nullopt;
}

std::vector<std::uint8_t> bytes_of(const wire_group& what) {
  ensure(!fault_of(what));
  byte_writer out;
  out.text(what.name);
  out.choice(what.is);
  out.number(what.priority);
  out.choice(what.how);
  out.number(what.since);
  out.number(what.epoch);
  out.number(what.addresses);
  out.number(what.interval);
  out.put(what.front4.bytes());
  out.put(what.front6.bytes());
  const bool goes_on = what.front != front_proof::untried || what.keeps != pace::unsaid;
  if (what.looked || goes_on) out.number(what.looked ? static_cast<std::uint64_t>(what.looked->count()) : never);
  if (goes_on) out.choice(what.front);
  if (what.keeps == pace::unsaid) return out.take();
  out.choice(what.keeps);
  const std::size_t count = std::min(what.more_fronts.size(), most_more_fronts);
  out.number(static_cast<std::uint8_t>(count));
  for (std::size_t i = 0; i < count; ++i) out.put(what.more_fronts[i].bytes());
  return out.take();
}

void write(byte_writer& out, const wire_hello& what) {
  ensure(!fault_of(what));
  out.choice(kind::hello);
  out.number(what.major);
  out.number(what.minor);
  out.text(what.node);
  out.text(what.software);
}

void write(byte_writer& out, const wire_report& what) {
  ensure(what.groups.size() <= max_vrrp_groups);
  out.choice(kind::report);
  out.number(static_cast<std::uint8_t>(what.groups.size()));
  for (const wire_group& group : what.groups) {
    const auto bytes = bytes_of(group);
    out.number(static_cast<std::uint16_t>(bytes.size()));
    out.put(bytes);
  }
  if (what.number != 0) out.number(what.number);
}

void write(byte_writer& out, const wire_farewell&) { out.choice(kind::farewell); }

void write(byte_writer& out, const wire_ping& what) {
  out.choice(kind::ping);
  out.number(what.what);
}

void write(byte_writer& out, const wire_pong& what) {
  out.choice(kind::pong);
  out.number(what.what);
  if (what.number != 0) out.number(what.number);
}

void write(byte_writer& out, const wire_unknown& what) { out.number(what.type); }

result<wire_message, wire_refusal> read_hello(byte_reader in) {
  wire_hello out;
  out.major = in.number<std::uint8_t>();
  out.minor = in.number<std::uint8_t>();
  out.node = in.text();
  out.software = in.text();
  if (!in.complete()) return wire_refusal::cut_short;
  if (const auto fault = fault_of(out)) return *fault;
  return out;
}

// Since 1.2, and only from a node whose interval is automatic.
void read_pace(byte_reader& in, wire_group& out) {
  const auto said = in.number<std::uint8_t>();
  if (said > static_cast<std::uint8_t>(pace::unsteady)) return;  // of a later version
  out.keeps = static_cast<pace>(said);
  if (out.keeps == pace::unsaid) return;
  for (std::size_t left = in.number<std::uint8_t>(); left > 0 && in.complete(); --left) {
    const address one = read_host(in);
    if (out.more_fronts.size() < most_more_fronts) out.more_fronts.push_back(one);
  }
}

result<wire_group, wire_refusal> read_group(byte_reader in) {
  wire_group out;
  out.name = in.text();
  out.is = static_cast<role>(in.number<std::uint8_t>());
  out.priority = in.number<std::uint8_t>();
  out.how = static_cast<fitness>(in.number<std::uint8_t>());
  out.since = in.number<std::uint64_t>();
  out.epoch = in.number<std::uint64_t>();
  out.addresses = in.number<std::uint16_t>();
  out.interval = in.number<std::uint32_t>();
  out.front4 = read_host(in);
  out.front6 = read_host(in);
  // Since 1.1, and only from a node that checks its servers.
  if (in.has(8)) {
    const auto ago = in.number<std::uint64_t>();
    if (ago <= longest_ago) out.looked = std::chrono::milliseconds(ago);
    // Since 1.2, and only where there is something to say.
    const auto front = in.has(1) ? in.number<std::uint8_t>() : std::uint8_t{0};
    if (front <= static_cast<std::uint8_t>(front_proof::proven)) out.front = static_cast<front_proof>(front);
    if (in.has(2)) read_pace(in, out);
  }
  if (!in.complete()) return wire_refusal::cut_short;
  if (const auto fault = fault_of(out)) return *fault;
  return out;
}

result<wire_message, wire_refusal> read_report(byte_reader in) {
  wire_report out;
  const std::size_t count = in.number<std::uint8_t>();
  if (count > max_vrrp_groups) return wire_refusal::too_many_groups;
  for (std::size_t i = 0; i < count && in.complete(); ++i) {
    const auto bytes = in.part(in.number<std::uint16_t>());
    auto group = read_group(byte_reader(bytes));
    if (!group) return group.error();
    out.groups.push_back(std::move(*group));
  }
  if (in.has(8)) out.number = in.number<std::uint64_t>();
  if (!in.complete()) return wire_refusal::cut_short;
  return out;
}

result<wire_message, wire_refusal> read_ping(byte_reader in) {
  const wire_ping out{in.number<std::uint64_t>()};
  if (!in.complete()) return wire_refusal::cut_short;
  return out;
}

result<wire_message, wire_refusal> read_pong(byte_reader in) {
  wire_pong out{.what = in.number<std::uint64_t>()};
  if (in.has(8)) out.number = in.number<std::uint64_t>();
  if (!in.complete()) return wire_refusal::cut_short;
  return out;
}

}  // namespace

const char* describe(wire_refusal why) {
  switch (why) {
    case wire_refusal::cut_short: return "a message is cut short";
    case wire_refusal::too_many_groups: return "a report has more than 64 groups";
    case wire_refusal::bad_name: return "a name isn't one";
    case wire_refusal::bad_software: return "a version can't be shown";
    case wire_refusal::bad_role: return "a role is unknown";
    case wire_refusal::bad_fitness: return "a fitness is unknown";
    case wire_refusal::bad_address: return "an address is of the wrong family";
  }
  return "";
}

// Groups on several interfaces have several of a family.
void name_front(wire_group& of, const address& one) {
  if (one == address()) return;
  address& front = one.is_v4() ? of.front4 : of.front6;
  if (front == address()) front = one;
  const bool named = one == front || std::ranges::find(of.more_fronts, one) != of.more_fronts.end();
  if (!named) of.more_fronts.push_back(one);
}

std::vector<address> fronts_of(const wire_group& said) {
  std::vector<address> all = said.more_fronts;
  for (const address& front : {said.front4, said.front6}) {
    if (front != address()) all.push_back(front);
  }
  return all;
}

void age(wire_report& report, std::chrono::milliseconds by) {
  for (wire_group& group : report.groups) {
    group.since += static_cast<std::uint64_t>(by.count());
    if (group.looked) *group.looked += by;
  }
}

std::vector<std::uint8_t> encode(const wire_message& what) {
  byte_writer out;
  std::visit([&](const auto& message) { write(out, message); }, what);
  return out.take();
}

result<wire_message, wire_refusal> decode_wire(std::span<const std::uint8_t> frame) {
  byte_reader in(frame);
  const auto type = in.number<std::uint8_t>();
  if (!in.complete()) return wire_refusal::cut_short;
  switch (static_cast<kind>(type)) {
    case kind::hello: return read_hello(in);
    case kind::report: return read_report(in);
    case kind::farewell: return wire_message(wire_farewell{});
    case kind::ping: return read_ping(in);
    case kind::pong: return read_pong(in);
  }
  return wire_message(wire_unknown{type});
}

}  // namespace holdfast
