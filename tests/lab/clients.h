// Clients of the laboratory: one connection, a crowd with addresses of its own, a prober, and a carrier of bulk. Every
// wait is bounded. Troubles are words in brackets ("(refused)") where an answer is expected, so that a failing test
// shows them.
#pragma once

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/address.h"
#include "base/descriptor_io.h"
#include "tests/lab/lab.h"

namespace holdfast::lab {

// One connection, blocking. `from` may be any address that its host owns; the unspecified address leaves it to the
// kernel.
class conversation {
 public:
  conversation(const host& where, const address& from, const endpoint& to, duration patience = 5s);
  explicit conversation(descriptor accepted, duration patience = 5s);  // the server's end of one
  conversation(conversation&&) = default;
  conversation& operator=(conversation&&) = default;

  // "" while all is well, else what went wrong first: "(refused)", "(reset)", "(closed)", "(timeout)", "(Some errno)".
  const std::string& trouble() const { return trouble_; }

  bool send(std::string_view bytes);         // also when the other side has ended its sending
  std::string receive(std::size_t at_most);  // what is there, at least a byte; "" and trouble() at the end
  std::string receive_all();                 // until the other side has ended
  void finish();                             // we send no more
  void reset();                              // closes with RST

  // Asks over HTTP/1.1, keeping the connection; the body, or the trouble, or "(status NNN)" when it is not 200.
  std::string get(const std::string& path = "/", const std::string& header_lines = {});

  int fd() const { return fd_.get(); }

 private:
  void fail(int error);
  descriptor fd_;
  std::string trouble_;
};

// Connects, asks, closes: the name of the server that answered, or the trouble.
std::string ask(const host& where, const address& from, const endpoint& to, duration patience = 5s);

// Who went where.
using answers = std::map<address, std::string>;

// Asks for every client once, in an order shuffled by `seed` (in the same order round robin would agree by luck).
answers ask_all(const host& where, const std::vector<address>& clients, const endpoint& to, unsigned seed = 1);

// As a browser does: each client opens `each` connections before it has heard anything, a batch of clients at once.
// Who met which servers, troubles included.
std::map<address, std::set<std::string>> ask_in_parallel(const host& where, const std::vector<address>& clients,
                                                         const endpoint& to, int each = 6, std::size_t batch = 100,
                                                         duration patience = 10s);

std::map<std::string, int> count_by_server(const answers& who);
int differences(const answers& before, const answers& after);  // clients whose answers differ

// Asks again and again from a thread of its own until stopped.
class prober {
 public:
  prober(const host& where, const address& from, const endpoint& to, duration pause = 5ms);
  ~prober();

  struct report {
    int asked = 0, failed = 0;
    duration longest_gap{};  // between two successes
    duration lateness{};     // the worst own delay: what the machine's noise may have added to the gap
  };
  report stop();
  int asked() const { return asked_; }  // so far

 private:
  void run(const host& where, address from, const endpoint& to, duration pause);
  std::atomic<bool> stopping_ = false;
  std::atomic<int> asked_ = 0;
  report report_;
  std::thread thread_;
};

}  // namespace holdfast::lab
