// One other node: its connection, its session, and what moves between its client tables and ours. One thread: the
// channel's.
#pragma once

#include <functional>
#include <string>

#include "balancer/cluster/sync_channel_io.h"
#include "balancer/cluster/table_exchange.h"
#include "base/loop/drive_io.h"
#include "base/tls/secure_stream_io.h"
#include "cli/configuration/cluster_endpoints.h"
#include "sync/session.h"

namespace holdfast {

stream_options sync_stream_options();

class sync_peer {
 public:
  using listener = std::function<void(sync_peer& from, const session_news& news)>;

  // number: 0 to max_peers - 1, which is its cursor in our tables. services: ours, as they are whenever we look.
  sync_peer(boost::asio::io_context& io, tls_context& tls, const sync_hello& own, const endpoint& from,
            const channel_node& node, unsigned number, std::uint64_t seed, const std::vector<shared_service>& services,
            listener tell);
  ~sync_peer();
  sync_peer(const sync_peer&) = delete;
  sync_peer& operator=(const sync_peer&) = delete;

  void feed(session::event what) { driver_.feed(std::move(what)); }
  void called(secure_stream stream, const sync_hello& hello, const endpoint& from);  // it may be refused

  const session& state() const { return driver_.state(); }
  const std::string& name() const { return state().name(); }
  unsigned number() const { return number_; }
  channel_view::node view() const;
  std::uint64_t connection() const { return connection_; }         // the number of the last one
  std::uint64_t told_news() const { return tables_.told_news(); }  // clients of ours, as often as each was told

  std::optional<sync_status> status;  // as it last said

 private:
  void perform(const session::dial&);
  void perform(const session::hang_up&);
  void perform(const session::send& order);
  template <class Order>
  void perform(const Order& order);  // of our tables
  void perform(const session::tell& order);

  stream_callbacks ears();
  void send(const sync_message& what);
  void breathe();  // `drained`, when the kernel has taken all already

  boost::asio::io_context& io_;
  tls_context& tls_;
  endpoint from_, to_;
  unsigned number_;
  table_exchange tables_;
  listener tell_;
  driver<session> driver_;
  namesakes others_;
  secure_stream stream_;
  std::string why_not_;  // in sync
  std::uint64_t connection_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace holdfast
