// Telling the neighbours which MAC an address lives at now, and asking who answers for one: Ethernet frames as bytes,
// and the schedule by which many addresses are announced without a burst. Knows no socket and no interface.
#pragma once

#include <boost/container/static_vector.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/machine.h"
#include "vrrp/message/checksum.h"
#include "vrrp/message/mac.h"

namespace holdfast {

// 00-00-5E-00-01-VRID for IPv4, 00-00-5E-00-02-VRID for IPv6 (RFC 9568 7.3).
mac_address virtual_mac(std::uint8_t id, ip_family family);

// A whole frame without padding (the kernel or the card pads) and check sequence.
inline constexpr std::size_t max_neighbour_frame = 86;
using neighbour_frame = boost::container::static_vector<std::uint8_t, max_neighbour_frame>;

// How an address is announced: IPv4 both ways, since some hosts learn from one of them only.
enum class announcement : std::uint8_t {
  arp_request,  // RFC 5227 3: from the address, for the address, no target MAC
  arp_reply,    // RFC 5944 4.6: the same as an answer; the target MAC is ours too, or Linux would not take it
  neighbour,    // IPv6: unsolicited neighbour advertisement, RFC 4861 7.2.6: override, to all nodes
  question,     // who else has it? Said by nobody, so that nobody learns from it: RFC 5227 2.1.1, RFC 4862 5.4.2
};

// `mac` is where `who` lives, and the frame's source. `router` is the R flag of IPv6: RFC 9568 wants it of routers, but
// an appliance that forwards nothing would become somebody's default route. `how` must fit the family of `who`; a
// question fits both.
neighbour_frame announce(announcement how, const address& who, const mac_address& mac, bool router = false);

// Who has `target`? An ARP request, or a neighbour solicitation to its solicited-node group (RFC 4861 7.2.2), from an
// address of our own in the same family.
neighbour_frame ask_for(const address& target, const address& ours, const mac_address& mac);

// What a neighbour says of itself.
struct neighbour_claim {
  address who;
  mac_address mac{};      // IPv6 without that option: the frame's source
  bool answered = false;  // somebody's question; else it announced itself, or asks us
  bool operator==(const neighbour_claim&) const = default;
};

// From a received frame: ARP of either kind, or a valid neighbour advertisement (RFC 4861 7.1.2). None: anything else,
// frames with a VLAN tag, ARP probes (which claim nothing yet). Padding is ignored.
std::optional<neighbour_claim> claim_in(std::span<const std::uint8_t> frame);

// From an ICMPv6 message without its IPv6 header, which was valid: a neighbour advertisement that names a MAC.
std::optional<neighbour_claim> claim_in_message(std::span<const std::uint8_t> icmp);

// When to announce which address: each one at once, and again after 20 ms, 100 ms, 500 ms and 1 s, since any frame may
// be lost and a switch may wake late. Then every second, for 5 s and until another node that has had it before has
// surely lost it; then, and again every so often, together with the question who else has it. All frames together go in
// turns of at most 64, 1 ms apart; what has never been sent goes first. A machine (base/machine.h); one for each
// interface, or group.
class announcer {
 public:
  static constexpr std::size_t most_addresses = 4096;
  static constexpr std::size_t frames_a_turn = 64;
  static constexpr std::array<duration, 4> first_pauses = {std::chrono::milliseconds(20), std::chrono::milliseconds(80),
                                                           std::chrono::milliseconds(400),
                                                           std::chrono::milliseconds(500)};
  static constexpr duration later_pause{std::chrono::seconds(1)};
  static constexpr duration longest_unrest{std::chrono::seconds(5)};  // of switches and neighbours after a change
  static constexpr duration lease_error{std::chrono::seconds(2)};     // the kernel ends a lease so late
  // Between two frames for the same address, other than of the same round: whoever can make us announce again and again
  // can't make a storm.
  static constexpr duration restart_pause = std::chrono::milliseconds(100);

  struct habits {
    duration lease{};  // that another node may have had
    duration every{};  // 0 = never again
    bool operator==(const habits&) const = default;
  };

  // From its first round. One that is being announced starts over, restart_pause after its last frame. A new one beyond
  // most_addresses is not taken, see refused(). deadline() is then due; nothing is sent but on wake.
  struct announce {
    address who;
  };
  struct changed {  // from the next frames on
    habits to;
  };
  // Not ours any more: nothing more is sent for it.
  struct withdraw {
    address who;
  };
  struct withdraw_all {};
  using event = std::variant<announce, changed, withdraw, withdraw_all, wake>;

  // One frame: holdfast::announce(how, who, ...).
  struct send {
    announcement how;
    address who;
    bool operator==(const send&) const = default;
  };
  using effect = send;
  using effects = effect_list<effect, frames_a_turn>;

  effects on(const event& e, instant now);
  std::optional<instant> deadline() const;  // none: all said

  std::size_t pending() const { return entries_.size(); }  // addresses that are still to be announced
  std::uint64_t refused() const { return refused_; }

 private:
  struct entry {
    address who;
    instant began{};  // the first frame; until then, the announce
    instant last{};   // frame
    instant due{};
    std::size_t round = 0;  // the next one
  };
  using frames = boost::container::static_vector<send, 3>;

  void take(const announce& e, instant now, effects& out);
  void take(const changed& e, instant now, effects& out);
  void take(const withdraw& e, instant now, effects& out);
  void take(const withdraw_all&, instant now, effects& out);
  void take(const wake&, instant now, effects& out);
  bool is_settled(const entry& one, instant now) const;
  frames frames_of(const entry& one, instant now) const;
  void go_on(entry& one, instant now);

  habits is_;
  std::vector<entry> entries_;  // in the order of their announce; at most most_addresses
  instant next_turn_{};
  std::uint64_t refused_ = 0;
};

static_assert(machine<announcer>);

}  // namespace holdfast
