// One virtual router's place in the kernel: its sockets on the front interface, the addresses it holds there, and how
// they are announced. Carries out; decides nothing. One thread: the io_context's.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/loop/drive_io.h"
#include "base/loop/readable_io.h"
#include "vrrp/election/group.h"
#include "vrrp/election/plan.h"
#include "vrrp/kernel/advert_socket_io.h"
#include "vrrp/kernel/lease_io.h"
#include "vrrp/kernel/neighbour_io.h"
#include "vrrp/kernel/router_addresses.h"
#include "vrrp/message/announce.h"

namespace holdfast {

class router_port {
 public:
  struct hooks {
    std::function<void()> woken;  // there is something to drain()
    std::function<void(const advert_exchange::heard&)> heard;
    std::function<void(const advert_exchange::refusal&, const advert_facts&)> refused;
    std::function<void(const std::string& why)> trouble;
    // Another machine says that it has an address that is ours now: a virtual one that we hold, or the primary.
    std::function<void(const address& who, const mac_address& mac)> claimed;
  };

  router_port(boost::asio::io_context& io, netlink& kernel, router_plan plan, bool mac_virtual, hooks tell);
  ~router_port();  // the addresses go, too
  router_port(const router_port&) = delete;
  router_port& operator=(const router_port&) = delete;

  const router_plan& plan() const { return plan_; }
  const advert_exchange& speech() const { return advert_; }
  void change(router_plan to, std::chrono::seconds lease);  // while it holds its addresses: only the difference
  void advertise_every(duration interval);                  // from the next advert on

  // Opens its sockets on that link, sending from `primary`; what is open there already stays open. IPv6: link_local is
  // the box's own address of that kind. The error is a sentence.
  result<void, std::string> attach(const link_state& parent, const address& primary, const address& link_local);
  void detach();
  bool attached() const { return advert_socket_.has_value(); }
  const address& primary() const { return primary_; }
  int index() const { return index_; }  // where the addresses are; that of the macvlan with a virtual MAC

  void drain(const hmac_policy& hmac, const acquaintances& known);
  void advertise(std::uint8_t priority, bool peers_are_ours, const hmac_policy& hmac);

  // Those of its addresses that the box has of its own: they are never put on, renewed or removed. True when that is
  // news.
  bool spare(std::vector<leased_address> own) { return addresses_.spare(std::move(own)); }
  const std::vector<leased_address>& own() const { return addresses_.own(); }

  void take_addresses(std::chrono::seconds lease);
  void renew_addresses(std::chrono::seconds lease);
  void release_addresses();
  std::vector<leased_address> addresses() const;  // that we put on
  bool holds() const { return addresses_.holds(); }
  bool has(int index, const address& host) const;  // is that one of ours?
  void announce();

  // Asks whether the front network reaches this address, until stop_probe(), beside others that are asked; answered: at
  // most once. From the interface itself, also with a virtual MAC: that one has no address of our own.
  void probe(const address& who, std::function<void()> answered);
  void stop_probe();

 private:
  void report(const lease_report& done);
  void join_groups();
  void send_due();
  void send(announcement how, const address& who);
  void watch_claims();
  void hear_claims();
  bool is_ours_now(const address& who) const;
  void ask_for_primary();
  void hear_answers();
  void follow(const link_state& parent);

  boost::asio::io_context& io_;
  netlink& kernel_;
  router_plan plan_;
  bool mac_virtual_;
  hooks tell_;
  advert_exchange advert_;
  router_addresses addresses_;
  address primary_;
  int parent_ = 0;
  int index_ = 0;
  mac_address mac_{};
  mac_address parent_mac_{};
  std::optional<advert_socket> advert_socket_;
  std::unique_ptr<readable> advert_ready_;
  std::optional<neighbour_socket> neighbours_;
  std::optional<solicited_groups> groups_;
  announcer announcer_;
  alarm announcing_;
  std::optional<neighbour_socket> claims_socket_;
  std::unique_ptr<readable> claims_ready_;
  alarm asking_;
  struct question {
    address who;
    std::function<void()> answered;
  };
  std::vector<question> questions_;
  std::optional<neighbour_socket> probe_socket_;
  std::unique_ptr<readable> probe_ready_;
};

}  // namespace holdfast
