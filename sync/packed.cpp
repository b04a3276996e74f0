#include "sync/packed.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/ensure.h"

namespace holdfast {

namespace {

// The first byte of an entry. In the order of these lines what they announce follows it.
constexpr std::uint8_t server_mask = 0x0f;   // the server's number; 15: it follows
constexpr std::uint8_t is_v6 = 0x10;         // 16 bytes of address, else 4
constexpr std::uint8_t has_ms = 0x20;        // used: by how many milliseconds it differs from the entry before
constexpr std::uint8_t has_counter = 0x40;   // used: by how much its counter differs, else it is 0
constexpr std::uint8_t has_assigned = 0x80;  // assigned is not used

constexpr sync_number server_follows = 15;
constexpr unix_ms end_of_time = unix_ms{1} << 48;
constexpr std::uint64_t counter_end = 1 << 16;
constexpr std::size_t mapped_bytes = 12;  // that all IPv4 addresses have in common: ::ffff:0:0/96

std::uint64_t counter_of(stamp s) { return s % counter_end; }

// Small differences of either sign become small numbers: 0, -1, 1, -2 -> 0, 1, 2, 3.
std::uint64_t zigzag(std::uint64_t difference) { return difference << 1 ^ (0 - (difference >> 63)); }
std::uint64_t unzigzag(std::uint64_t number) { return number >> 1 ^ (0 - (number & 1)); }

// Seven bits a byte, the lowest first; the highest bit says that there are more (LEB128).
void put(std::vector<std::uint8_t>& to, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) to.push_back(static_cast<std::uint8_t>(number | 0x80));
  to.push_back(static_cast<std::uint8_t>(number));
}

// Reads zeros once the bytes have come to their end, or made no sense.
class source {
 public:
  explicit source(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  std::uint8_t byte() {
    sound_ = sound_ && !rest_.empty();
    if (!sound_) return 0;
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      const std::uint64_t b = byte();
      value |= (b & 0x7f) << shift;
      if (b < 0x80) return value;
    }
    sound_ = false;  // longer than any number of ours
    return 0;
  }
  void require(bool claim) { sound_ = sound_ && claim; }
  bool sound() const { return sound_; }
  std::span<const std::uint8_t> rest() const { return rest_; }

 private:
  std::span<const std::uint8_t> rest_;
  bool sound_ = true;
};

address read_client(source& in, bool v6) {
  address::bytes_type bytes = address::v4(0).bytes();
  for (std::size_t i = v6 ? 0 : mapped_bytes; i < bytes.size(); ++i) bytes[i] = in.byte();
  return address(bytes);
}

stamp read_used(source& in, std::uint8_t head, stamp before) {
  const unix_ms ms = ms_of(before) + ((head & has_ms) != 0 ? unzigzag(in.number()) : 0);
  const std::uint64_t counter = (head & has_counter) != 0 ? counter_of(before) + unzigzag(in.number()) : 0;
  in.require(ms < end_of_time && counter < counter_end);
  return stamp_at(ms) + counter;
}

stamp read_assigned(source& in, stamp used) {
  const std::uint64_t age = in.number();
  const std::uint64_t counter = (age & 1) != 0 ? in.number() : 0;
  in.require(age >> 1 <= ms_of(used) && counter < counter_end);
  const stamp assigned = stamp_at(ms_of(used) - (age >> 1)) + counter;
  in.require(assigned <= used);
  return assigned;
}

void write(std::vector<std::uint8_t>& to, const sync_entry& e, stamp before) {
  const bool v6 = !e.client.is_v4();
  const std::uint64_t ms = ms_of(e.used) - ms_of(before);
  const std::uint64_t counter = counter_of(e.used);
  auto head = static_cast<std::uint8_t>(std::min(e.server, server_follows));
  if (v6) head |= is_v6;
  if (ms != 0) head |= has_ms;
  if (counter != 0) head |= has_counter;
  if (e.assigned != e.used) head |= has_assigned;

  to.push_back(head);
  if (e.server >= server_follows) put(to, e.server);
  to.insert(to.end(), e.client.bytes().begin() + (v6 ? 0 : mapped_bytes), e.client.bytes().end());
  if (ms != 0) put(to, zigzag(ms));
  if (counter != 0) put(to, zigzag(counter - counter_of(before)));
  if (e.assigned == e.used) return;
  const std::uint64_t age = ms_of(e.used) - ms_of(e.assigned);
  const std::uint64_t given = counter_of(e.assigned);
  put(to, age << 1 | (given != 0 ? 1 : 0));
  if (given != 0) put(to, given);
}

}  // namespace

entry_packer::entry_packer(std::size_t limit) : limit_(limit) { ensure(limit >= 64); }

bool entry_packer::add(const sync_entry& e) {
  ensure(e.assigned <= e.used);
  const std::size_t size = bytes_.size();
  write(bytes_, e, before_);
  if (bytes_.size() > limit_) {
    bytes_.resize(size);
    return false;
  }
  before_ = e.used;
  ++count_;
  return true;
}

std::vector<std::uint8_t> entry_packer::take() {
  before_ = 0;
  count_ = 0;
  return std::exchange(bytes_, {});
}

std::optional<sync_entry> entry_reader::next() {
  if (rest_.empty()) return std::nullopt;
  source in(rest_);
  const std::uint8_t head = in.byte();
  sync_entry e;
  const std::uint64_t server = (head & server_mask) < server_follows ? head & server_mask : in.number();
  in.require(server <= std::numeric_limits<sync_number>::max());
  e.server = static_cast<sync_number>(server);
  e.client = read_client(in, (head & is_v6) != 0);
  e.used = read_used(in, head, before_);
  e.assigned = (head & has_assigned) != 0 ? read_assigned(in, e.used) : e.used;
  broken_ = !in.sound();
  rest_ = broken_ ? std::span<const std::uint8_t>() : in.rest();
  if (broken_) return std::nullopt;
  before_ = e.used;
  return e;
}

}  // namespace holdfast
