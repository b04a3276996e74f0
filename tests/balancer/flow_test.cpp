#include "balancer/flow/flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "balancer/flow/access_log.h"
#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

using testing::ElementsAre;
using texts = std::vector<std::string>;

constexpr const char* state_names[] = {"fresh", "peeking", "connecting", "relaying", "closed"};

std::string name_of(flow_state s) { return state_names[static_cast<int>(s)]; }

// One flow over a pool of three servers; orders come back as words.
class told {
 public:
  explicit told(pool p) : pool_(std::make_unique<pool>(std::move(p))), flow_(*pool_) {}

  texts on(const flow::event& e, instant now) {
    texts out;
    for (const auto& order : flow_.on(e, now)) {
      out.push_back(std::visit([this](const auto& o) { return words(o); }, order));
    }
    return out;
  }
  texts accept(std::uint32_t client = 1, instant now = at(0s)) {
    return on(flow::accepted{made_client(client), 0}, now);
  }
  flow_state state() const { return flow_.state(); }
  std::optional<instant> deadline() const { return flow_.deadline(); }
  const pool& servers() const { return *pool_; }

 private:
  std::string name(target t) const { return server_of(*pool_, t).name; }
  std::string words(const flow::await_bytes&) const { return "await"; }
  std::string words(const flow::connect& o) const {
    return "connect " + name(o.to) + (o.address == 0 ? "" : " at " + std::to_string(o.address)) +
           (o.alone ? " alone" : "");
  }
  std::string words(const flow::mark_failed& o) const { return "failed " + name(o.which); }
  std::string words(const flow::settle& o) const { return "settle " + name(o.where); }
  std::string words(const flow::relay&) const { return "relay"; }
  std::string words(const flow::close& o) const {
    return std::string(o.reset ? "reset " : "close ") + std::string(name_of_reason(o.why));
  }
  std::string words(const flow::moved& o) const { return name_of(o.from) + ">" + name_of(o.to); }
  static std::string_view name_of_reason(close_reason why) { return holdfast::name_of(why); }

  std::unique_ptr<pool> pool_;
  flow flow_;
};

service_settings policy() {
  service_settings p;
  p.timeout = 3s;
  p.idle_timeout = 60s;
  return p;
}

service_settings peeking() {
  service_settings p = policy();
  p.peek = true;
  return p;
}

TEST(Flow, ConnectsSettlesRelaysAndEnds) {
  told f(made_pool(3, policy()));
  EXPECT_THAT(f.accept(), ElementsAre("connect web1", "fresh>connecting"));
  EXPECT_THAT(f.on(flow::connected{}, at(1s)), ElementsAre("settle web1", "relay", "connecting>relaying"));
  EXPECT_THAT(f.on(flow::finished{}, at(2s)), ElementsAre("close finished", "relaying>closed"));
}

TEST(Flow, GoesOnToTheNextServerAndThenGivesUp) {
  told f(made_pool(3, policy()));
  f.accept();
  EXPECT_THAT(f.on(flow::refused{}, at(0s)), ElementsAre("failed web1", "connect web2"));
  EXPECT_THAT(f.on(flow::refused{}, at(0s)), ElementsAre("failed web2", "connect web0"));
  EXPECT_THAT(f.on(flow::refused{}, at(0s)), ElementsAre("failed web0", "close no_server", "connecting>closed"));
}

TEST(Flow, CallsTheEmergencyServerLast) {
  pool p = made_pool(1, policy());
  p.emergency = made_server("emergency", 9);
  told f(std::move(p));
  f.accept();
  EXPECT_THAT(f.on(flow::refused{}, at(0s)), ElementsAre("failed web0", "connect emergency"));
  EXPECT_THAT(f.on(flow::refused{}, at(0s)), ElementsAre("failed emergency", "close no_server", "connecting>closed"));
}

TEST(Flow, ClosesAtOnceWhenStubborn) {
  service_settings stubborn = policy();
  stubborn.stubborn = true;
  told f(made_pool(3, stubborn));
  f.accept();
  EXPECT_THAT(f.on(flow::refused{}, at(0s)), ElementsAre("failed web1", "close no_server", "connecting>closed"));
}

TEST(Flow, ClosesWhomTheAclRefusesWithoutWaitingForItsBytes) {
  pool p = made_pool(3, peeking());
  p.client_acl = only("10.2.0.1", false);
  told f(std::move(p));
  EXPECT_THAT(f.accept(), ElementsAre("close refused_by_acl", "fresh>closed"));
}

TEST(Flow, SendsWhomTheAclRefusesToTheAbuseServer) {
  pool p = made_pool(3, policy());
  p.client_acl = only("10.2.0.1", false);
  p.abuse = made_server("abuse", 8);
  told f(std::move(p));
  EXPECT_THAT(f.accept(), ElementsAre("connect abuse", "fresh>connecting"));
  EXPECT_THAT(f.on(flow::refused{}, at(0s)), ElementsAre("failed abuse", "close refused_by_acl", "connecting>closed"));
}

TEST(Flow, ChoosesOnlyWhenTheFirstBytesAreHereIfToldToPeek) {
  told f(made_pool(3, peeking()));
  EXPECT_THAT(f.accept(), ElementsAre("await", "fresh>peeking"));
  EXPECT_EQ(f.servers().live->cursor, 0U);
  f.servers().servers[1].live->blacklisted_until = at(99s).time_since_epoch().count();
  EXPECT_THAT(f.on(flow::readable{}, at(5s)), ElementsAre("connect web2", "peeking>connecting"));
}

TEST(Flow, EndsInOrderWhenAPeekedClientGoesWithoutAWord) {
  told f(made_pool(3, peeking()));
  f.accept();
  EXPECT_THAT(f.on(flow::finished{}, at(1s)), ElementsAre("close finished", "peeking>closed"));
}

TEST(Flow, TakesTheNextServerWhenAConnectTakesTooLong) {
  told f(made_pool(3, policy()));
  f.accept();
  EXPECT_EQ(f.deadline(), at(3s));
  EXPECT_THAT(f.on(wake{}, at(3s - 1ns)), ElementsAre());
  EXPECT_THAT(f.on(wake{}, at(3s)), ElementsAre("failed web1", "connect web2"));
  EXPECT_EQ(f.deadline(), at(6s)) << "every server gets its own time";
}

TEST(Flow, AsksAServerOnceMoreThatWasFoundWellMeanwhile) {
  told f(made_pool(3, policy()));
  f.accept();
  const auto well_at = [&](instant when) { f.servers().servers[1].live->well_at = when.time_since_epoch().count(); };
  well_at(at(1s));
  EXPECT_THAT(f.on(flow::refused{}, at(3s)), ElementsAre("connect web1"));
  EXPECT_EQ(f.deadline(), at(6s));
  well_at(at(5s));
  EXPECT_THAT(f.on(wake{}, at(6s)), ElementsAre("failed web1", "connect web2"));
}

TEST(Flow, BlamesAServerThatWasWellOnlyBefore) {
  told f(made_pool(3, policy()));
  f.servers().servers[1].live->well_at = at(0s).time_since_epoch().count();
  f.accept(1, at(0s));
  EXPECT_THAT(f.on(flow::refused{}, at(3s)), ElementsAre("failed web1", "connect web2"));
}

TEST(Flow, EndsWhenIdleForTooLong) {
  told f(made_pool(3, policy()));
  f.accept();
  f.on(flow::connected{}, at(1s));
  EXPECT_EQ(f.deadline(), at(61s));
  EXPECT_THAT(f.on(flow::active{at(50s)}, at(61s)), ElementsAre());
  EXPECT_THAT(f.on(wake{}, at(61s)), ElementsAre());
  EXPECT_EQ(f.deadline(), at(110s));
  EXPECT_THAT(f.on(flow::active{at(20s)}, at(110s)), ElementsAre()) << "old news";
  EXPECT_EQ(f.deadline(), at(110s));
  EXPECT_THAT(f.on(wake{}, at(110s)), ElementsAre("close idle", "relaying>closed"));
}

TEST(Flow, ChoosesForAClientThatSaysNothingForTooLong) {
  told f(made_pool(3, peeking()));
  f.accept();
  EXPECT_EQ(f.deadline(), at(3s));
  EXPECT_THAT(f.on(wake{}, at(3s)), ElementsAre("connect web1", "peeking>connecting")) << "the server speaks first";
}

TEST(Flow, WaitsForeverWhereNoTimeoutIsSet) {
  service_settings patient;
  patient.timeout = patient.idle_timeout = 0s;
  told f(made_pool(3, patient));
  f.accept();
  EXPECT_FALSE(f.deadline());
  EXPECT_THAT(f.on(wake{}, at(1000h)), ElementsAre());
  f.on(flow::connected{}, at(1000h));
  EXPECT_FALSE(f.deadline());
  EXPECT_THAT(f.on(wake{}, at(9000h)), ElementsAre());
}

TEST(Flow, GivesTheRequestToTheNextServerWhenOneDiesBeforeTheFirstByte) {
  told f(made_pool(3, policy()));
  f.accept();
  f.on(flow::connected{}, at(1s));
  EXPECT_THAT(f.on(flow::lost{true}, at(2s)), ElementsAre("failed web1", "connect web2", "relaying>connecting"));
  EXPECT_THAT(f.on(flow::connected{}, at(2s)), ElementsAre("settle web2", "relay", "connecting>relaying"));
}

TEST(Flow, BlamesNoServerForResettingAConnectionThatNobodyUsed) {
  told f(made_pool(3, policy()));
  f.accept();
  f.on(flow::connected{}, at(1s));
  EXPECT_THAT(f.on(flow::lost{true}, at(4s + 1ns)), ElementsAre("reset server_gone", "relaying>closed"));
}

TEST(Flow, BlamesNoServerForResettingAClientThatSaidNothing) {
  told f(made_pool(3, policy()));
  f.accept();
  f.on(flow::connected{}, at(1s));
  EXPECT_THAT(f.on(flow::lost{false}, at(1s)), ElementsAre("reset server_gone", "relaying>closed"));
}

TEST(Flow, WaitsForRoomThatIsOursAndBlamesNobody) {
  told f(made_pool(3, policy()));
  f.accept();
  EXPECT_THAT(f.on(flow::refused{blame::ours}, at(0s)), ElementsAre());
  EXPECT_EQ(f.deadline(), at(50ms));
  EXPECT_THAT(f.on(wake{}, at(50ms)), ElementsAre("connect web1"));
  EXPECT_EQ(f.deadline(), at(3s)) << "the time of its server, from the beginning";
  EXPECT_THAT(f.on(flow::refused{blame::ours}, at(2990ms)), ElementsAre());
  EXPECT_THAT(f.on(wake{}, at(3040ms)), ElementsAre("connect web1"));
  EXPECT_THAT(f.on(flow::refused{blame::ours}, at(3040ms)), ElementsAre("connect web2")) << "no mark";
}

TEST(Flow, BlamesNoServerForTheConfiguration) {
  told f(made_pool(2, policy()));
  f.accept();
  EXPECT_THAT(f.on(flow::refused{blame::configuration}, at(0s)), ElementsAre("connect web0"));
  EXPECT_THAT(f.on(flow::refused{blame::configuration}, at(0s)), ElementsAre("close no_server", "connecting>closed"));
}

TEST(Flow, BlamesNoServerForASilenceThatIsOlderThanItsLastAnswer) {
  told f(made_pool(3, policy()));
  f.accept();
  f.servers().servers[1].live->answered_at = at(1s).time_since_epoch().count();
  EXPECT_THAT(f.on(wake{}, at(3s)), ElementsAre("connect web2"));
}

TEST(Flow, TriesAllAddressesOfAServerBeforeTheNext) {
  pool p = made_pool(2, policy());
  p.servers[1].others = {{.host = address::v4(0x0a000201), .port = 80, .path = ""},
                         {.host = address::v4(0x0a000202), .port = 80, .path = ""}};
  p.servers[1].live->address = 1;  // where a connect succeeded last
  told f(std::move(p));
  EXPECT_THAT(f.accept(), ElementsAre("connect web1 at 1", "fresh>connecting"));
  EXPECT_THAT(f.on(flow::refused{}, at(0s)), ElementsAre("connect web1 at 2"));
  EXPECT_THAT(f.on(flow::refused{}, at(0s)), ElementsAre("connect web1"));
  EXPECT_THAT(f.on(flow::refused{}, at(0s)), ElementsAre("failed web1", "connect web0"));
}

TEST(Flow, GoesAlongWithTheClientsOtherConnections) {
  told f(made_pool(3, policy()));
  f.accept();
  EXPECT_THAT(f.on(flow::follow{3}, at(0s)), ElementsAre("connect web2"));
  EXPECT_THAT(f.on(flow::refused{}, at(0s)), ElementsAre("failed web2", "connect web0"));
}

TEST(Flow, GoesAloneWhereItCannotFollow) {
  told f(made_pool(3, policy()));
  f.accept();
  EXPECT_THAT(f.on(flow::follow{77}, at(0s)), ElementsAre("connect web1 alone"));
  EXPECT_THAT(f.on(flow::refused{}, at(0s)), ElementsAre("failed web1", "connect web2"));
}

TEST(Flow, ChoosesByThePoolOfTheDayWhenItHasPeeked) {
  told f(made_pool(3, peeking()));
  f.accept();
  const pool later = made_pool(1, peeking());
  f.on(flow::renewed{&later, made_client(1)}, at(1s));
  EXPECT_THAT(f.on(flow::readable{}, at(1s)), ElementsAre("connect web0", "peeking>connecting"));
  pool closed = made_pool(1, peeking());
  closed.client_acl = only("10.2.0.1", false);
  told g(made_pool(3, peeking()));
  g.accept();
  g.on(flow::renewed{&closed, made_client(1)}, at(1s));
  EXPECT_THAT(g.on(flow::readable{}, at(1s)), ElementsAre("close refused_by_acl", "peeking>closed"));
}

TEST(Flow, WaitsForNoBytesWhenTooManyDo) {
  told f(made_pool(3, peeking()));
  EXPECT_THAT(f.on(flow::accepted{made_client(1), 0, false}, at(0s)), ElementsAre("connect web1", "fresh>connecting"));
}

TEST(Flow, PassesAResetOn) {
  for (const bool by_client : {false, true}) {
    told f(made_pool(3, policy()));
    f.accept();
    f.on(flow::connected{}, at(1s));
    EXPECT_THAT(f.on(flow::reset{by_client}, at(2s)),
                ElementsAre(by_client ? "reset client_gone" : "reset server_gone", "relaying>closed"));
  }
}

TEST(Flow, TriesNoOtherServerForAClientThatHasGone) {
  told f(made_pool(3, policy()));
  f.accept();
  EXPECT_THAT(f.on(flow::reset{true}, at(0s)), ElementsAre("reset client_gone", "connecting>closed"));
}

TEST(Flow, HasNoServerWhenThePoolIsEmpty) {
  told f(made_pool(0, policy()));
  EXPECT_THAT(f.accept(), ElementsAre("close no_server", "fresh>closed"));
}

// Brings a new flow into a state.
told in(flow_state s) {
  told f(made_pool(3, s == flow_state::peeking ? peeking() : policy()));
  if (s == flow_state::fresh) return f;
  f.accept();
  if (s == flow_state::relaying || s == flow_state::closed) f.on(flow::connected{}, at(0s));
  if (s == flow_state::closed) f.on(flow::finished{}, at(0s));
  return f;
}

TEST(Flow, AnswersEveryFactInEveryState) {
  struct row {
    flow::event fact;
    texts peeking, connecting, relaying;  // in fresh and closed: nothing
  };
  const texts next{"failed web1", "connect web2"}, nothing;
  const row rows[] = {
      {flow::readable{}, {"connect web1", "peeking>connecting"}, nothing, nothing},
      {flow::connected{}, nothing, {"settle web1", "relay", "connecting>relaying"}, nothing},
      {flow::refused{}, nothing, next, nothing},
      {flow::follow{3}, nothing, {"connect web2"}, nothing},
      {flow::lost{true}, nothing, next, {"failed web1", "connect web2", "relaying>connecting"}},
      {flow::finished{}, {"close finished", "peeking>closed"}, nothing, {"close finished", "relaying>closed"}},
      {flow::reset{false}, nothing, next, {"reset server_gone", "relaying>closed"}},
      {flow::active{at(0s)}, nothing, nothing, nothing},
      {wake{}, nothing, nothing, nothing},
  };
  for (const row& r : rows) {
    SCOPED_TRACE("fact " + std::to_string(r.fact.index()));
    EXPECT_EQ(in(flow_state::fresh).on(r.fact, at(0s)), nothing);
    EXPECT_EQ(in(flow_state::peeking).on(r.fact, at(0s)), r.peeking);
    EXPECT_EQ(in(flow_state::connecting).on(r.fact, at(0s)), r.connecting);
    EXPECT_EQ(in(flow_state::relaying).on(r.fact, at(0s)), r.relaying);
    EXPECT_EQ(in(flow_state::closed).on(r.fact, at(0s)), nothing);
  }
}

TEST(Flow, EndsOnOrderAndOnTheClientsResetFromEveryState) {
  for (const auto s : {flow_state::fresh, flow_state::peeking, flow_state::connecting, flow_state::relaying}) {
    EXPECT_THAT(in(s).on(flow::ordered{close_reason::shut_down}, at(0s)),
                ElementsAre("close shut_down", name_of(s) + ">closed"));
    EXPECT_THAT(in(s).on(flow::ordered{close_reason::server_down}, at(0s)),
                ElementsAre("reset server_down", name_of(s) + ">closed"));
    EXPECT_THAT(in(s).on(flow::reset{true}, at(0s)), ElementsAre("reset client_gone", name_of(s) + ">closed"));
  }
  EXPECT_THAT(in(flow_state::closed).on(flow::ordered{close_reason::shut_down}, at(0s)), ElementsAre());
  EXPECT_THAT(in(flow_state::closed).on(flow::reset{true}, at(0s)), ElementsAre());
}

}  // namespace
}  // namespace holdfast
