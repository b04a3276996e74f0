// A service that answers HTTP/1.x itself: the backend server of tests and of the demo.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "balancer/engine/engine_io.h"
#include "balancer/loop/slab.h"
#include "balancer/sockets/socket_io.h"
#include "protocols/http/simple_http.h"

namespace holdfast {

// The engine of such services, one a worker. Answers each request with 200 and "server HOST:PORT client HOST:PORT\n",
// keeps the connection as HTTP/1.1 says. A request's head may have 8 KiB (else 431); a body is read and ignored when it
// has a Content-Length, else the connection ends after the answer.
class dummy_site {
 public:
  static constexpr watched kind = watched::dummy;
  static bool serves(const service_settings& policy) { return policy.dummy; }

  explicit dummy_site(worker_context& context) : context_(context) {}

  void admit(descriptor client, const endpoint& from, const endpoint& listener, pool_use& use);
  void ready(const readiness& r);
  void turn();
  std::optional<instant> due() const;
  void close_service(std::uint32_t service);
  void close_all();
  void close_some();
  bool closes() const { return !closings_.empty(); }
  void reap();

 private:
  struct session {
    explicit session(pool_use& u) : use(&u) {}

    pool_use* use;
    descriptor fd;
    std::uint32_t stamp = 0;
    std::string text;  // what it answers
    request_reader asked;
    std::string out;      // answers not yet sent
    bool queued = false;  // among those that go on
    bool last = false;    // the connection ends when `out` is sent
  };

  struct closing {
    std::optional<std::uint32_t> service;  // none: all
    std::uint32_t cursor = 0;
  };

  void serve(std::uint32_t number, session& s, bool readable);
  bool answer_some(session& s, bool readable, bool& more);
  bool read(session& s);
  bool send(session& s);
  void end(std::uint32_t number, session& s);

  worker_context& context_;
  slab<session> all_;
  std::deque<ticket> again_;
  std::deque<closing> closings_;
  std::vector<std::uint32_t> dead_;
};

static_assert(engine<dummy_site>);

}  // namespace holdfast
