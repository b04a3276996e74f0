#include "sync/message.h"

#include <algorithm>
#include <concepts>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/codec.h"
#include "base/ensure.h"

namespace holdfast {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool is_printable(char c) { return c >= ' ' && c <= '~'; }

// What writes and what reads have the same words, so that the fields of a message are listed once, below, and every
// limit holds both ways. Writing beyond one is our bug.
class writer {
 public:
  // More than the longest secret needs: no part of one stays behind in memory that was given back for growing.
  writer() { bytes_.reserve(1 << 10); }

  void require(bool claim, sync_refusal) { ensure(claim); }

  template <std::unsigned_integral T>
  void number(const T& value) {
    put_number(bytes_, value);
  }
  void truth(const bool& value) { number<std::uint8_t>(value ? 1 : 0); }
  template <class Enum>
  void choice(const Enum& value) {
    number(static_cast<std::uint8_t>(value));
  }
  // Bytes of a string or vector, after their length as a Length.
  template <class Length>
  void run(const auto& bytes, std::size_t most, sync_refusal why) {
    require(bytes.size() <= most, why);
    number(static_cast<Length>(bytes.size()));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  // How many elements follow.
  template <class Length>
  void count(const auto& elements, std::size_t most) {
    require(elements.size() <= most, sync_refusal::too_many);
    number(static_cast<Length>(elements.size()));
  }
  // What inside(coder) says, after its length in two bytes.
  void part(auto inside) {
    const std::size_t at = bytes_.size();
    number<std::uint16_t>(0);
    inside(*this);
    const std::size_t length = bytes_.size() - at - 2;
    bytes_[at] = static_cast<std::uint8_t>(length >> 8);
    bytes_[at + 1] = static_cast<std::uint8_t>(length);
  }

  static bool more() { return true; }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

// Reads zeros once something was refused; the first refusal counts.
class reader {
 public:
  explicit reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  void require(bool claim, sync_refusal why) {
    if (!claim && !refused_) refused_ = why;
  }

  template <std::unsigned_integral T>
  void number(T& value) {
    value = number_of<T>(bytes(sizeof(T)));
  }
  void truth(bool& value) { value = next<std::uint8_t>() != 0; }
  template <class Enum>
  void choice(Enum& value) {
    value = static_cast<Enum>(next<std::uint8_t>());
  }
  template <class Length>
  void run(auto& value, std::size_t most, sync_refusal why) {
    const std::size_t length = next<Length>();
    require(length <= most, why);
    const auto taken = bytes(length);
    value.assign(taken.begin(), taken.end());
  }
  template <class Length>
  void count(auto& elements, std::size_t most) {
    const std::size_t size = next<Length>();
    require(size <= most, sync_refusal::too_many);
    elements.resize(refused_ ? 0 : size);
  }
  void part(auto inside) {
    reader in(bytes(next<std::uint16_t>()));
    if (refused_) return;
    inside(in);
    refused_ = in.refused_;
  }

  bool more() const { return !rest_.empty(); }
  const std::optional<sync_refusal>& refused() const { return refused_; }

 private:
  template <class T>
  T next() {
    T value{};
    number(value);
    return value;
  }
  std::span<const std::uint8_t> bytes(std::size_t size) {
    require(size <= rest_.size(), sync_refusal::cut_short);
    if (refused_) return {};
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  std::span<const std::uint8_t> rest_;
  std::optional<sync_refusal> refused_;
};

// A message as this coder takes it: to be read from, or to be filled.
template <class Coder, class Message>
using as = std::conditional_t<std::is_same_v<Coder, writer>, const Message, Message>;

template <class C>
void name(C& c, as<C, std::string>& value) {
  c.template run<std::uint8_t>(value, max_sync_name, sync_refusal::bad_name);
  c.require(!value.empty() && std::none_of(value.begin(), value.end(), is_control), sync_refusal::bad_name);
}

template <class C>
void text(C& c, as<C, std::string>& value) {
  c.template run<std::uint16_t>(value, max_sync_text, sync_refusal::too_long);
}

template <class C>
void fields(C& c, as<C, sync_hello>& m) {
  c.number(m.major);
  c.number(m.minor);
  name(c, m.node);
  c.template run<std::uint8_t>(m.software, max_sync_software, sync_refusal::bad_software);
  c.require(std::all_of(m.software.begin(), m.software.end(), is_printable), sync_refusal::bad_software);
  c.number(m.incarnation);
}

template <class C>
void fields(C& c, as<C, sync_service>& m) {
  c.number(m.service);
  c.number(m.capacity);
  name(c, m.name);
}

template <class C>
void fields(C& c, as<C, sync_server>& m) {
  c.number(m.service);
  c.number(m.server);
  name(c, m.identity);
}

template <class C>
void fields(C& c, as<C, sync_resume>& m) {
  name(c, m.service);
  c.number(m.upto);
}

template <class C>
void fields(C& c, as<C, sync_entries>& m) {
  c.number(m.service);
  c.choice(m.kind);
  c.require(m.kind <= entry_kind::repair, sync_refusal::bad_kind);
  c.number(m.upto);
  c.truth(m.last);
  c.template run<std::uint16_t>(m.packed, max_sync_packed, sync_refusal::too_long);
}

template <class C>
void fields(C& c, as<C, sync_ack>& m) {
  c.number(m.service);
  c.number(m.upto);
}

template <class C>
void fields(C& c, as<C, sync_digest>& m) {
  c.number(m.service);
  c.number(m.size);
  c.require(m.sums.size() == digest_buckets, sync_refusal::bad_bucket);
  for (auto& sum : m.sums) c.number(sum);
  if (!c.more()) return;  // version 1.0
  c.template count<std::uint8_t>(m.clock, max_clock_marks);
  for (auto& mark : m.clock) {
    c.number(mark.at);
    c.number(mark.ago);
    c.require(mark.at < latest_ms && mark.ago < latest_ms, sync_refusal::bad_time);
  }
}

template <class C>
void fields(C& c, as<C, sync_want>& m) {
  c.number(m.service);
  c.template count<std::uint16_t>(m.buckets, digest_buckets);
  for (auto& bucket : m.buckets) c.number(bucket);
  const bool ascends = std::adjacent_find(m.buckets.begin(), m.buckets.end(), std::greater_equal()) == m.buckets.end();
  c.require(!m.buckets.empty() && ascends && m.buckets.back() < digest_buckets, sync_refusal::bad_bucket);
}

template <class C>
void fields(C& c, as<C, sync_ping>& m) {
  c.number(m.sent);
}

template <class C>
void fields(C& c, as<C, sync_pong>& m) {
  c.number(m.sent);
  c.number(m.answered);
}

template <class C>
void fields(C& c, as<C, sync_group>& m) {
  name(c, m.name);
  c.choice(m.is);
  c.require(m.is != role::gone && m.is <= role::active, sync_refusal::bad_role);
  c.number(m.priority);
}

template <class C>
void fields(C& c, as<C, sync_status>& m) {
  c.number(m.uptime);
  c.number(m.connections);
  c.number(m.servers);
  c.number(m.servers_alive);
  c.number(m.in_sync);
  c.number(m.config);
  c.template count<std::uint8_t>(m.groups, max_sync_groups);
  for (auto& group : m.groups) {
    c.part([&](C& inside) { fields(inside, group); });
  }
}

template <class C>
void fields(C& c, as<C, sync_server_state>& m) {
  name(c, m.service);
  name(c, m.identity);
  c.number(m.weight);
  c.truth(m.drain);
  c.truth(m.up);
  c.number(m.aside);
  c.number(m.said);
}

template <class C>
void fields(C& c, as<C, sync_secret>& m) {
  name(c, m.name);
  c.number(m.made);
  c.template run<std::uint16_t>(m.bytes, max_sync_secret, sync_refusal::too_long);
}

template <class C>
void fields(C& c, as<C, sync_order>& m) {
  c.number(m.id);
  c.choice(m.phase);
  c.require(m.phase <= order_phase::keep, sync_refusal::bad_kind);
  text(c, m.text);
}

template <class C>
void fields(C& c, as<C, sync_answer>& m) {
  c.number(m.id);
  c.truth(m.accepted);
  text(c, m.text);
}

template <class C>
void fields(C&, as<C, sync_farewell>&) {}

template <class C>
void fields(C&, as<C, sync_unknown>&) {}

// The type of a message is its place in sync_message, from 1 on. A new one goes before sync_unknown.
constexpr std::size_t known_types = std::variant_size_v<sync_messages::type> - 1;
static_assert(std::is_same_v<std::variant_alternative_t<known_types, sync_messages::type>, sync_unknown>);

template <std::size_t Type = 1>
result<sync_message, sync_refusal> read(std::uint8_t type, reader in) {
  if constexpr (Type > known_types) {
    return sync_message(sync_unknown{type});
  } else {
    if (type != Type) return read<Type + 1>(type, in);
    std::variant_alternative_t<Type - 1, sync_messages::type> out;
    fields(in, out);
    if (in.refused()) return *in.refused();
    return sync_message(std::move(out));
  }
}

}  // namespace

template struct one_of<sync_messages>;

const char* describe(sync_refusal why) {
  switch (why) {
    case sync_refusal::cut_short: return "a message is cut short";
    case sync_refusal::too_many: return "a message holds too many of something";
    case sync_refusal::bad_name: return "a name isn't one";
    case sync_refusal::bad_software: return "a version can't be shown";
    case sync_refusal::bad_role: return "a role is unknown";
    case sync_refusal::bad_kind: return "a kind of entries, or a phase of an order, is unknown";
    case sync_refusal::bad_bucket: return "buckets aren't ascending numbers of buckets";
    case sync_refusal::bad_time: return "a time is none that a clock shows";
    case sync_refusal::too_long: return "a message, or what it holds, is too long";
  }
  return "";
}

std::vector<std::uint8_t> encode(const sync_message& what) {
  const auto* unknown = std::get_if<sync_unknown>(&what);
  ensure(!unknown || unknown->type == 0 || unknown->type > known_types);
  writer out;
  out.number(static_cast<std::uint8_t>(unknown ? unknown->type : what.index() + 1));
  std::visit([&](const auto& message) { fields(out, message); }, what);
  return out.take();
}

result<sync_message, sync_refusal> decode_sync(std::span<const std::uint8_t> frame) {
  if (frame.size() > sync_frame_limit) return sync_refusal::too_long;
  reader in(frame);
  std::uint8_t type = 0;
  in.number(type);
  if (in.refused()) return *in.refused();
  return read(type, in);
}

}  // namespace holdfast
