// The demonstration, and its second part: two boxes in front of the same farm, one address, and a crowd of clients who
// meet their own servers whatever happens to the box in front.
#include "tests/lab/demo.h"

#include <exception>
#include <vector>

#include "base/clock_io.h"
#include "tests/lab/sync/cluster.h"

namespace holdfast::lab {
namespace {

std::string in_ms(duration d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()) + " ms";
}

void wait(duration time) {
  eventually([] { return false; }, time);
}

class pair_demonstration {
 public:
  explicit pair_demonstration(teller& say) : say_(say) {}

  void run() {
    say_.title("Two boxes, the same file on both, one address");
    start();
    fault("balancer killed", "The active box's balancer is killed (kill -9)", 2, [this] { box(1).balancer().kill(); });
    fault("started again", "It starts again, empty: it learns all clients from the other, then takes the address back",
          1, [this] { box(1).start_our_balancer(cluster_.file()); });
    fault("balancer hung", "The active box's balancer hangs (SIGSTOP)", 2, [this] { box(1).balancer().freeze(); });
    fault("thawed", "It thaws", 1, [this] { box(1).balancer().thaw(); });
    fault("agent frozen", "The active box's agent is frozen: the kernel takes the address off it by itself", 2,
          [this] { box(1).agent().freeze(); });
    fault("thawed", "It thaws", 1, [this] { box(1).agent().thaw(); });
    fault("switched over", "A planned switchover (hfctl cluster switchover)", 2,
          [this] { say_.quote(cluster_.tell(1, "cluster switchover")); });
    fault("taken back", "And back (hfctl vrrp take)", 1, [this] { cluster_.tell(1, "vrrp take"); });
    say_.line("what the operator sees (hfctl cluster, on lb2):");
    say_.quote(cluster_.tell(2, "cluster"));
    fault("box lost", "The active box is lost: all its programs die, all its cables are cut", 2, [this] {
      cluster_.scene().silence(box(1));
      box(1).kill_all();
    });
    say_.line("what happened, as lb2 tells it (hfctl events):");
    say_.quote(cluster_.tell(2, "events 8"));
    timeline();
  }

 private:
  struct moment {
    std::string name, active;
    duration outage{};
    int served = 0, faithful = 0;
  };

  node& box(int number) { return cluster_.lb(number); }

  void start() {
    say_.act("Both start; lb1 has the higher priority. 250 clients come");
    cluster_.start();
    say_.claim(cluster_.serves(1), "lb1 has both addresses, and nobody else");
    clients_ = cluster_.strangers(250);
    home_ = cluster_.visit(clients_);
    say_.picture(home_);
    say_.claim(cluster_.equal(), "both boxes know them all, and whom they met");
  }

  // While two clients ask every few milliseconds; then the whole crowd comes again.
  template <class Strike>
  void fault(const std::string& name, const std::string& title, int keeper, Strike strike) {
    say_.act(title);
    watch asking(cluster_.scene().crowd());
    wait(300ms);
    strike();
    const bool settled = cluster_.serves(keeper, 15s);
    wait(500ms);
    moment now{.name = name, .active = "lb" + std::to_string(keeper), .outage = asking.end().outage};
    const answers after = cluster_.visit(clients_);
    for (const auto& [client, server] : after) {
      now.served += server.starts_with("s") ? 1 : 0;
      now.faithful += server == home_.at(client) ? 1 : 0;
    }
    say_.claim(settled, now.active + " has both addresses, and nobody else");
    say_.claim(now.outage < longest_outage, "clients had no answer for " + in_ms(now.outage) + " at most");
    say_.claim(
        now.faithful == static_cast<int>(clients_.size()),
        std::to_string(now.faithful) + " of " + std::to_string(clients_.size()) + " clients met their own server");
    moments_.push_back(now);
    cluster_.synced(2s);  // before the next fault, if there is another box
  }

  void timeline() const {
    say_.title("The timeline");
    for (const moment& m : moments_) {
      std::string bar(
          static_cast<std::size_t>(std::chrono::duration_cast<std::chrono::milliseconds>(m.outage).count()) / 5 + 1,
          '#');
      std::string name = m.name;
      name.resize(16, ' ');
      std::string outage = in_ms(m.outage);
      outage.insert(0, outage.size() < 8 ? 8 - outage.size() : 0, ' ');
      say_.line(name + " -> " + m.active + "  " + outage + "  " + std::to_string(m.faithful) + "/" +
                std::to_string(clients_.size()) + " at their server  " + bar);
    }
  }

  static constexpr duration longest_outage = 1s;
  teller& say_;
  cluster cluster_{{.patient = false}};
  std::vector<address> clients_;
  answers home_;
  std::vector<moment> moments_;
};

}  // namespace

void show_pair(teller& say) { pair_demonstration(say).run(); }

}  // namespace holdfast::lab

int main() {
  using namespace holdfast::lab;
  try {
    require_root();
    teller say;
    show_balancer(say);
    show_pair(say);
    std::printf("\n%s\n", say.broken() == 0 ? "All of it held." : "Not all of it held.");
    return say.broken() == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "demo: %s\n", error.what());
    return 1;
  }
}
