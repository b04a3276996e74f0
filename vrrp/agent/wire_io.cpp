#include "vrrp/agent/wire_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <list>
#include <random>

#include "base/clock_io.h"
#include "base/ensure.h"
#include "base/loop/drive_io.h"
#include "cli/configuration/cluster_endpoints.h"
#include "cli/language/words.h"
#include "cli/settings/settings.h"
#include "peers/link_listener_io.h"

namespace holdfast {

namespace asio = boost::asio;

namespace {

constexpr const char* label = "holdfast wire 1";

stream_options options_of(const wire_limits& limits) {
  return {.frame_limit = wire_frame_limit,
          .queue_limit = 4 * wire_frame_limit,
          .connect_limit = limits.connect,
          .silence = limits.silence,
          .user_timeout = std::chrono::ceil<std::chrono::milliseconds>(limits.silence)};
}

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

struct wire::impl : std::enable_shared_from_this<impl> {
  struct peer {
    peer(impl& w, const wire_node& n)
        : where(n.where),
          others(n.name, n.where.host),
          machine(w.io, wire_peer(w.own_hello(), n.name, w.settings.limits, random_seed(), monotonic_now()),
                  [this, &w](const wire_peer::effect& order) { w.perform(*this, order); }) {}

    endpoint where;
    namesakes others;
    driver<wire_peer> machine;
    secure_stream stream;
    bool behind = false;  // the newest report waits until the kernel has taken what was said before
  };

  impl(asio::io_context& context, wire_settings s, cluster_keys keys, wire_callbacks c)
      : io(context),
        settings(std::move(s)),
        tell(std::move(c)),
        tls(std::move(keys), label),
        options(options_of(settings.limits)),
        door(io, tls, options,
             {.called = [this](secure_stream stream, const endpoint& from,
                               std::span<const std::uint8_t> first) { introduce(std::move(stream), from, first); },
              .turned_away = [this](const endpoint& from, const std::string& why) { fail(from, why); }}) {}

  asio::io_context& io;
  wire_settings settings;
  wire_callbacks tell;
  tls_context tls;
  stream_options options;
  std::optional<wire_report> report;  // the newest
  std::uint64_t number = 0;           // of it
  instant reported_at;
  std::list<peer> peers;
  link_listener door;

  wire_hello own_hello() const { return {.node = settings.name, .software = settings.software}; }

  void perform(peer& to, const wire_peer::effect& order) {
    std::visit([&](const auto& what) { carry_out(to, what); }, order);
  }

  void carry_out(peer& to, const wire_peer::dial&) {
    const address own = settings.listen.host;
    const bool any = own == address() || own == address::v4(0);
    to.stream = secure_stream::dial(io, tls, options, to.where, any ? std::nullopt : std::optional(own), ears(to));
  }
  void carry_out(peer& to, const wire_peer::hang_up&) { to.stream.close(); }
  void carry_out(peer& to, const wire_peer::say& what) { to.stream.send(encode(what.what)); }
  void carry_out(peer& to, const wire_peer::tell& news) {
    if (std::holds_alternative<wire_connected>(news.what)) {
      to.behind = report.has_value();
      catch_up(to);
    }
    later([this, name = to.machine.state().name(), what = news.what] {
      std::visit([&](const auto& n) { pass_on(name, n); }, what);
    });
  }

  stream_callbacks ears(peer& p) {
    return {.opened = [&p] { p.machine.feed(wire_peer::opened{}); },
            .received =
                [this, &p](std::span<const std::uint8_t> frame) {
                  look_at_clock();
                  if (auto said = decode_wire(frame))
                    p.machine.feed(wire_peer::received{std::move(*said)});
                  else
                    p.machine.feed(wire_peer::misheard{said.error()});
                },
            .drained =
                [this, &p] {
                  look_at_clock();
                  catch_up(p);
                },
            .ended = [&p](stream_end why) { p.machine.feed(wire_peer::ended{why}); }};
  }

  void look_at_clock() const {
    if (tell.look_at_clock) tell.look_at_clock();
  }

  void catch_up(peer& p) {
    if (!p.behind || !p.machine.state().connected() || p.stream.unsent() > 0) return;
    p.behind = false;
    wire_report now_is = *report;
    age(now_is, std::chrono::duration_cast<std::chrono::milliseconds>(monotonic_now() - reported_at));
    p.stream.send(encode(now_is));
  }

  // The first word of somebody with the key must be a hello.
  void introduce(secure_stream stream, const endpoint& from, std::span<const std::uint8_t> first) {
    look_at_clock();
    const auto said = decode_wire(first);
    const auto* hello = said ? std::get_if<wire_hello>(&*said) : nullptr;
    if (hello == nullptr) return fail(from, "it says something else before its hello");
    const auto known = std::find_if(peers.begin(), peers.end(),
                                    [&](const peer& p) { return p.machine.state().name() == hello->node; });
    if (hello->major != wire_major) {
      return fail(from, "it speaks version " + std::to_string(hello->major) + " of the wire");
    }
    if (known == peers.end())
      return fail(from, "it says that its name is " + hello->node + ", and we know no such node");
    if (auto why = known->machine.state().objection(*hello); !why.empty()) return fail(from, std::move(why));
    const auto second = known->others.hear(from.host, known->machine.state().connected(), monotonic_now());
    if (second) return refuse(hello->node, *second);
    known->others.met(from.host);
    known->stream = std::move(stream);
    known->stream.start(ears(*known));
    known->machine.feed(wire_peer::called{*hello});
  }

  // Callbacks find us at rest, and may do what they like.
  template <class F>
  void later(F f) {
    asio::post(io, [weak = weak_from_this(), f = std::move(f)] {
      if (const auto self = weak.lock()) f();
    });
  }

  void fail(const endpoint& who, std::string why) {
    later([this, text = who.text(), why = std::move(why)] { tell.failed(text, why); });
  }

  void refuse(const std::string& name, const namesakes::refusal& second) {
    if (!second.is_news || !tell.doubled) return;
    later([this, name, why = second.why] { tell.doubled(name, why); });
  }

  void pass_on(const std::string& name, const wire_connected& news) const { tell.connected(name, news.hello); }
  void pass_on(const std::string& name, const wire_heard& news) const { tell.heard(name, news.report); }
  void pass_on(const std::string& name, const wire_answered& news) const {
    if (tell.answered) tell.answered(name, news.asked, news.number);
  }
  void pass_on(const std::string& name, const wire_died&) const { tell.died(name); }
  void pass_on(const std::string& name, const wire_left&) const { tell.left(name); }
  void pass_on(const std::string& name, const wire_lost& news) const { tell.lost(name, news.why); }
  void pass_on(const std::string& name, const wire_failed& news) const { tell.failed(name, news.why); }
};

wire::wire(asio::io_context& io, wire_settings settings, cluster_keys keys, wire_callbacks callbacks) {
  ensure(is_name(settings.name) && settings.others.size() < max_nodes);
  impl_ = std::make_shared<impl>(io, std::move(settings), std::move(keys), std::move(callbacks));
}

wire::~wire() = default;

result<endpoint, std::string> wire::start() {
  auto bound = impl_->door.listen(impl_->settings.listen);
  if (!bound) return bound;
  for (const wire_node& other : impl_->settings.others) impl_->peers.emplace_back(*impl_, other);
  return bound;
}

void wire::say(const wire_report& report) {
  impl_->report = report;
  impl_->report->number = ++impl_->number;
  impl_->reported_at = monotonic_now();
  for (impl::peer& p : impl_->peers) {
    p.machine.feed(wire_peer::reported{impl_->number});
    p.behind = true;
    impl_->catch_up(p);
  }
}

void wire::ask(const std::string& name) {
  for (impl::peer& p : impl_->peers) {
    if (p.machine.state().name() == name) p.machine.feed(wire_peer::doubted{});
  }
}

void wire::farewell() {
  impl_->door.stop();
  for (impl::peer& p : impl_->peers) p.machine.feed(wire_peer::leave{});
}

std::vector<wire_status> wire::status() const {
  std::vector<wire_status> out;
  for (const impl::peer& p : impl_->peers) {
    const wire_peer& what = p.machine.state();
    out.push_back({.name = what.name(),
                   .software = what.software(),
                   .trouble = what.connected() ? p.others.trouble(monotonic_now()) : what.trouble(),
                   .since = what.since(),
                   .heard = what.heard(),
                   .round_trip = what.round_trip(),
                   .bytes_in = p.stream.bytes_in(),
                   .bytes_out = p.stream.bytes_out()});
  }
  return out;
}

}  // namespace holdfast
