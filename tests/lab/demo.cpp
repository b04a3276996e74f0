// The first part of the demonstration: a balancer, three web servers and a crowd of clients.
#include "tests/lab/demo.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/clock_io.h"
#include "tests/lab/testbed.h"

namespace holdfast::lab {
namespace {

constexpr int crowd_size = 180;
constexpr int servers = 3;
constexpr const char* service_text =
    "service web\nlisten 192.0.2.80:80\ncheck http / every 300ms rise 2 fall 2\nblacklist 2\n";

bool all_served(const answers& who) {
  return std::all_of(who.begin(), who.end(), [](const auto& one) { return one.second.starts_with('s'); });
}

int clients_of(const answers& who, const std::string& server) {
  return static_cast<int>(std::count_if(who.begin(), who.end(), [&](const auto& one) { return one.second == server; }));
}

// Clients that were with another server than `lost` before and are elsewhere now.
int needlessly_moved(const answers& before, const answers& after, const std::string& lost) {
  int moved = 0;
  for (const auto& [client, server] : before) moved += server != lost && after.at(client) != server;
  return moved;
}

class demonstration {
 public:
  explicit demonstration(teller& say) : say_(say) {}

  void run() {
    say_.title("One balancer, " + std::to_string(servers) + " web servers, " + std::to_string(crowd_size) +
               " clients with addresses of their own");
    first_visit();
    second_visit();
    a_server_dies();
    the_server_returns();
  }

 private:
  answers visit(unsigned seed) { return ask_all(bed_.crowd(), crowd_, testbed::service4(), seed); }

  void first_visit() {
    say_.act("Every client knocks once; each digit is a client and says which server it met");
    home_ = visit(1);
    say_.picture(home_);
    say_.bars(count_by_server(home_));
    say_.claim(all_served(home_), "every client was served");
    say_.claim(count_by_server(home_).size() == servers, "every server has clients");
  }

  void second_visit() {
    say_.act("They come back in another order");
    const answers again = visit(2);
    say_.picture(again);
    const int moved = differences(home_, again);
    say_.claim(moved == 0, std::to_string(crowd_size - moved) + " of " + std::to_string(crowd_size) +
                               " met their own server again");
  }

  void a_server_dies() {
    say_.act("Server 1 is killed while a client of its own keeps asking, every 5 ms");
    const auto regular = std::find_if(home_.begin(), home_.end(), [](const auto& one) { return one.second == "s1"; });
    prober asking(bed_.crowd(), regular == home_.end() ? crowd_.front() : regular->first, testbed::service4());
    eventually([] { return false; }, 300ms);
    bed_.server(1).kill();
    eventually([] { return false; }, 1s);
    const prober::report heard = asking.stop();
    say_.line("it asked " + std::to_string(heard.asked) + " times; " + std::to_string(heard.failed) +
              " without an answer; longest pause " +
              std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(heard.longest_gap).count()) + " ms");
    say_.claim(heard.failed <= 1, "nothing was lost but what the dying server held in its hands");

    const answers after = visit(3);
    say_.picture(after);
    say_.bars(count_by_server(after));
    say_.claim(all_served(after), "every client was served");
    say_.claim(clients_of(after, "s1") == 0, "nobody was sent to the dead server");
    say_.claim(needlessly_moved(home_, after, "s1") == 0, "only its own clients moved");
    say_.claim(differences(after, visit(4)) == 0, "and on their next visit they stay where they have moved to");
    home_ = after;
    say_.line("what the operator sees (hfctl servers):");
    say_.quote(holdfast_.tell("servers"));
  }

  void the_server_returns() {
    say_.act("Server 1 returns");
    const instant began = monotonic_now();
    bed_.server(1).start();
    const bool found = eventually([this] { return bed_.ask(newcomer()) == "s1"; }, 15s);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(monotonic_now() - began);
    say_.claim(found, "it has new clients " + std::to_string(took.count()) + " ms after its start");
    const answers after = visit(5);
    say_.picture(after);
    say_.claim(differences(home_, after) == 0, "everybody else stays: nobody is torn from a server that serves them");
    say_.quote(holdfast_.tell("servers"));
  }

  // An address that has never called before.
  address newcomer() { return strangers_.at(next_stranger_++ % strangers_.size()); }

  teller& say_;
  testbed bed_{servers};
  balancer holdfast_{bed_, service_text + bed_.servers4()};
  std::vector<address> everybody_ = testbed::clients4(20 * crowd_size);
  std::vector<address> crowd_{everybody_.begin(), everybody_.begin() + crowd_size};
  std::vector<address> strangers_{everybody_.begin() + crowd_size, everybody_.end()};
  std::size_t next_stranger_ = 0;
  answers home_;
};

}  // namespace

void show_balancer(teller& say) { demonstration(say).run(); }

}  // namespace holdfast::lab
