#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <thread>

#include "base/clock_io.h"
#include "tests/lab/vrrp/drill.h"

namespace holdfast::lab {

void pass(duration time) { std::this_thread::sleep_for(time); }

double milliseconds(duration d) { return static_cast<double>(d.count()) / 1e6; }

drill::drill(player who, const pair_config& w) : who_(who), pair_config_(w) {
  if (who == player::ours) {
    pair_config_.services = our_services();
    // Both nodes have the same one.
    pair_config_.key =
        scene_.files().write("cluster.key", "d3b07384d113edec49eaa6238ad5ff00c157a79031e1c40f85931829bc5fc552\n");
    std::filesystem::permissions(pair_config_.key, std::filesystem::perms(0600));
  }
  for (const int number : {1, 2}) start(number);
  if (!scene_.settles_on("lb1", virtual4) || !scene_.settles_on("lb1", virtual6))
    throw std::runtime_error("lb1 does not become active:\n" + scene_.said());
  four_ = std::make_unique<pulse>(scene_.crowd(), at(virtual4, 80));
  six_ = std::make_unique<pulse>(scene_.crowd(), at(virtual6, 80));
  if (!eventually([&] { return four_->answered() > 50 && six_->answered() > 50; }))
    throw std::runtime_error("nobody serves:\n" + scene_.said());
}

void drill::start(int number) {
  node& n = scene_.lb(number);
  if (who_ == player::ours) return n.start_ours(our_text(pair_config_));
  pair_config own = pair_config_;
  own.watched = "haproxy-" + n.name();
  n.start_haproxy(haproxy_text());
  n.start_keepalived(keepalived_text(own, number));
}

void drill::reload(node& n, bool otherwise) {
  if (who_ == player::ours) {
    n.rewrite_ours(our_text(pair_config_) + (otherwise ? "service web blacklist 7\n" : ""));
    n.balancer().first().kill(SIGHUP);
  }
  n.agent().first().kill(SIGHUP);
}

void drill::send_from_stranger(std::vector<packet> packets, int per_second) {
  stranger_ = std::make_unique<host>("stranger");
  scene_.front().plug(*stranger_);
  stranger_->address("eth0", "192.0.2.99/24");
  storm_ = std::make_unique<storm>(*stranger_, std::move(packets), per_second);
}

bool drill::advertises_every(duration interval, duration limit) const {
  return eventually(
      [&] {
        const instant now = monotonic_now();
        adverts_heard late = between(heard_.adverts(), now - 2500ms, now);
        std::erase_if(late, [](const advert_heard& a) { return a.port == "stranger"; });
        return late.size() >= 4 && actives(late) == std::set<std::string>{"lb1"} &&
               std::ranges::all_of(late, [&](const advert_heard& a) { return a.interval == interval; });
      },
      limit);
}

// The pulses begin anew, so that only what comes now counts.
void drill::strike() {
  four_ = std::make_unique<pulse>(scene_.crowd(), at(virtual4, 80));
  six_ = std::make_unique<pulse>(scene_.crowd(), at(virtual6, 80));
  eventually([&] { return four_->answered() > 20 && six_->answered() > 20; });
  struck_ = monotonic_now();
}

drill::outcome drill::end() {
  outcome o;
  for (pulse* p : {four_.get(), six_.get()}) {
    const pulse::report r = p->stop();
    o.outage = std::max(o.outage, r.longest_gap);
    o.refused = std::max(o.refused, r.refused_for);
    o.lateness = std::max(o.lateness, r.lateness);
  }
  const instant now = monotonic_now();
  adverts_heard all = heard_.adverts();
  std::erase_if(all, [](const advert_heard& a) { return a.port == "stranger"; });
  o.silence = std::max(longest_silence(of_family(all, false), struck_, now),
                       longest_silence(of_family(all, true), struck_, now));
  o.active_late = actives(between(all, now - (pair_config_.automatic ? 1500ms : 500ms), now));
  o.holders4 = scene_.holders(virtual4);
  o.holders6 = scene_.holders(virtual6);
  o.lost = heard_.lost();
  storm_.reset();
  return o;
}

}  // namespace holdfast::lab
