// Drives one group: its machine, its routers' ports, and its judgement of the balancer. Turns what the kernel and the
// peers say into facts, carries out orders. Decides nothing. One thread: the io_context's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/loop/drive_io.h"
#include "vrrp/agent/notes.h"
#include "vrrp/agent/status.h"
#include "vrrp/election/group.h"
#include "vrrp/election/lateness.h"
#include "vrrp/election/link_fitness.h"
#include "vrrp/election/tempo.h"
#include "vrrp/election/track.h"
#include "vrrp/front/rivals.h"
#include "vrrp/kernel/port_io.h"
#include "vrrp/message/wire_message.h"

namespace holdfast {

class group_driver {
 public:
  // What the group asks of the agent.
  struct hooks {
    std::function<void()> report;                           // our view has changed
    std::function<void(const std::string& node)> ask_peer;  // for a fresh report
    std::function<bool()> peers_are_ours;                   // all that is known of who listens: agents of ours
    std::function<void(const group::moved&)> moved;
    std::function<void(const group::noted&)> noted;
    std::function<void()> drain_balancer;  // its messages are read before its silence is judged
  };

  // activations: when it was active before, of an earlier life or of another plan; as times since the machine's start.
  group_driver(boost::asio::io_context& io, netlink& kernel, std::string node, group_plan plan, hmac_policy hmac,
               std::span<const duration> activations, hooks tell);
  ~group_driver();
  group_driver(const group_driver&) = delete;
  group_driver& operator=(const group_driver&) = delete;

  const group_plan& plan() const { return plan_; }
  const group& machine() const { return machine_.state(); }
  std::chrono::seconds lease() const { return lease_of(plan_.said, tempo_.interval()); }
  group_facts facts() const;           // valid as long as it lives and nothing happens
  wire_group view(instant now) const;  // for the peers

  void change(group_plan to, hmac_policy hmac);  // same_routers()

  // What is there on the front. Called with all links and addresses, at first and after each change.
  void look(const link_table& links, const std::vector<address_state>& addresses);
  void addresses_removed(std::span<const address_state> which);

  // The other nodes that the wire may name; none: it is not used.
  void expect(const std::vector<std::string>& nodes) { known_.expect(nodes); }

  void look_at_clock();  // before anything else: whether our loop has slept
  void balancer_said(const track::event& what);
  void peer_said(const std::string& node, const wire_report& report);
  void peer_answered(const std::string& node, instant asked, std::uint64_t number);
  void peer_gone(const std::string& node, group::ending how);

  void stop();                           // in order: gives everything up
  void order(const group::event& what);  // told_to_...
  void renew();                          // leases

 private:
  void feed(const group::event& what);
  void feed_track(const track::event& what);
  void feed_tempo(const tempo::event& what);
  std::optional<instant> due() const;
  void turn();   // adverts first, then timers
  void drain();  // sockets
  void arm();
  void look_at(router_port& port, const link_table& links, const std::vector<address_state>& addresses);
  void judge(const std::string& link, const std::string& why_not);
  router_port::hooks hooks_for(std::size_t n);
  void refused(std::size_t n, const advert_exchange::refusal& why, const advert_facts& facts);
  void met_stranger(std::size_t n, const address& who);
  void claimed(std::size_t n, const address& who, const mac_address& mac);
  void note_once(const group::noted& what);  // said_once
  void end_connections(const group::effects& orders);
  void renew_parameters();
  group::parameters parameters() const;

  void perform(const group::advertise& o);
  void perform(const group::take_addresses& o);
  void perform(const group::announce& o);
  void perform(const group::release_addresses& o);
  void perform(const group::probe_peer& o);
  void perform(const group::probe_watch&);
  void perform(const group::ask_peer& o);
  void perform(const group::report&);
  void perform(const group::moved& o);
  void perform(const group::noted& o);
  void perform(const tempo::advertise_every& o);
  void perform(const tempo::report&);

  boost::asio::io_context& io_;
  netlink& kernel_;
  std::string node_;
  group_plan plan_;
  hmac_policy hmac_;
  hooks tell_;
  runner<group> machine_;
  track track_;
  tempo tempo_;
  std::vector<std::unique_ptr<router_port>> ports_;
  alarm alarm_;
  lateness lateness_;
  rivals rivals_;
  acquaintances known_;
  link_fitness links_;
  std::map<std::string, wire_group> peers_;  // for their front addresses
  said_once said_;
  std::uint64_t epoch_ = 0;
  bool started_ = false;
};

}  // namespace holdfast
