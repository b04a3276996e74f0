// What one virtual router says and hears: adverts as values of the elections on this side, as bytes on the other.
// Versions, forms of checksum, trailers, and a counter for everything that is refused. Knows no socket.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/machine.h"
#include "cli/settings/settings.h"
#include "vrrp/front/acquaintances.h"
#include "vrrp/message/advert.h"
#include "vrrp/message/auth_hmac.h"

namespace holdfast {

class advert_exchange {
 public:
  struct parameters {
    std::uint8_t id = 0;
    ip_family family = ip_family::v4;
    vrrp_version version = vrrp_version::three;
    vrrp_checksum checksum = vrrp_checksum::automatic;
    duration interval{std::chrono::seconds(1)};
    bool accept_password = false;
    advert_addresses addresses;  // as advertised; in IPv6 the sender's link-local one is put first where none is
    std::vector<address> peers;  // unicast; none = multicast
    bool operator==(const parameters&) const = default;
  };

  // Beside the refusals of advert.h and auth_hmac.h.
  enum class mismatch : std::uint8_t {
    stranger,  // unicast, and not from a peer; or from no node of the cluster, see acquaintances.h
    interval,  // version 2, and not our interval
    itself,    // from our own address: a loop, or a second machine with it
  };
  static constexpr std::size_t mismatches = 3;
  using refusal = std::variant<advert_refusal, hmac_refusal, mismatch>;
  static constexpr std::size_t refusals = advert_refusals + hmac_refusals + mismatches;

  struct heard {
    std::uint8_t priority = 0;
    duration interval{};
    address from;
    bool same_addresses = true;
  };

  // A neighbour as an operator sees it: who sent the last valid adverts. The latest few.
  struct speaker {
    address from;
    std::uint8_t priority = 0;
    duration interval{};
    std::uint8_t version = 3;
    checksum_form form = checksum_form::message;
    instant last;
  };
  static constexpr std::size_t most_speakers = 8;

  explicit advert_exchange(parameters p) : is_(std::move(p)) {}

  void change(parameters p) { is_ = std::move(p); }
  // IPv6: the sender's own link-local address, which is listed first; none said: adverts come from it.
  void lives_at(const address& link_local) { link_local_ = link_local; }
  const parameters& config() const { return is_; }

  // own: the address that our adverts come from. Counts what it refuses. Multicast is heard from those whom we know,
  // unless a key has signed it that must.
  result<heard, refusal> hear(std::span<const std::uint8_t> bytes, const advert_facts& facts, const address& own,
                              const hmac_policy& hmac, instant now, wall_time wall, const acquaintances& known = {});

  // peers_are_ours: those who listen all understand RFC 9568. give is called for each message, with its destination;
  // the bytes are valid during the call.
  using sender = std::function<void(std::span<const std::uint8_t> message, const address& to)>;
  void speak(std::uint8_t priority, const address& own, bool peers_are_ours, const hmac_policy& hmac, wall_time wall,
             const sender& give);

  std::uint64_t said() const { return said_; }
  std::uint64_t taken() const { return taken_; }
  std::uint64_t refused() const;
  const std::array<std::uint64_t, refusals>& refused_by_kind() const { return refused_; }
  static std::string_view name_of_refusal(std::size_t kind);  // "checksum", "replayed"
  static std::size_t kind_of(const refusal& why);
  const std::vector<speaker>& speakers() const { return speakers_; }  // the latest first

 private:
  result<heard, refusal> judge(std::span<const std::uint8_t> bytes, const advert_facts& facts, const address& own,
                               const hmac_policy& hmac, instant now, wall_time wall, const acquaintances& known);
  void remember(const advert& a, const address& from, instant now);
  void say(const advert& a, const packet_ends& ends, checksum_form form, const hmac_policy& hmac, wall_time wall,
           const sender& give);
  std::vector<checksum_form> forms(bool peers_are_ours) const;

  parameters is_;
  address link_local_;
  std::optional<checksum_form> form_heard_;  // of the last valid advert of version 3
  hmac_sender signs_;
  hmac_receiver checks_;
  std::uint64_t said_ = 0, taken_ = 0;
  std::array<std::uint64_t, refusals> refused_{};
  std::vector<speaker> speakers_;
};

}  // namespace holdfast
