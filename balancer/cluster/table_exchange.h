// What moves between our client tables and one other node: carries out what its session orders of them, and says what
// came of it. Knows no connection: what is to be said is returned.
#pragma once

#include <bitset>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "balancer/cluster/channel_view.h"
#include "balancer/table/shared_service.h"
#include "sync/session.h"

namespace holdfast {

struct exchange_limits {
  std::size_t entries_a_lock = 256;    // of the table; at most so many
  std::size_t entries_a_frame = 1024;  // of at most 48 bytes each: they fit
};

class table_exchange {
 public:
  // cursor: 0 to max_peers - 1, of that node in our tables. services: ours, as they are whenever we look.
  table_exchange(unsigned cursor, const std::vector<shared_service>& services, const exchange_limits& limits = {})
      : cursor_(cursor), services_(services), limits_(limits) {}

  void begin();  // a connection with it does; what was said and heard before is forgotten
  void end();    // the connection has ended: it follows no table

  struct outcome {
    std::vector<sync_message> say = {};
    std::optional<session::event> result = {};  // for the session, before any other event
    bool drains = false;                        // the session waits for `drained`
  };
  // now: steady_ms().
  outcome perform(const sender::introduce& order, unix_ms now);
  outcome perform(const sender::seek& order, unix_ms now);
  outcome perform(const sender::start_snapshot& order, unix_ms now);
  outcome perform(const sender::start_repair& order, unix_ms now);
  outcome perform(const sender::send_entries& order, unix_ms now);
  outcome perform(const sender::send_digest& order, unix_ms now);
  outcome perform(const receiver::merge& order, unix_ms now);
  outcome perform(const receiver::compare& order, unix_ms now);
  outcome perform(const receiver::learn& order, unix_ms now);

  channel_view::service view(const session::service_view& seen, unix_ms now) const;
  std::optional<server_id> our_number(const std::string& service, sync_number theirs) const;  // of a server of its
  std::uint64_t told_news() const { return told_news_; }  // clients of ours, as often as each was told
  std::uint64_t skipped() const { return skipped_; }      // entries of servers without a name, or damaged ones

 private:
  struct repair {
    std::bitset<digest_buckets> buckets;
    std::size_t at = 0;  // in the table
  };

  const shared_service* find(sync_number number) const;
  const shared_service* find(const std::string& name) const;
  void name_servers(const shared_service& s, std::vector<sync_message>& say);
  bool collect(const shared_service& s, sync_entries& into);

  unsigned cursor_;
  const std::vector<shared_service>& services_;
  exchange_limits limits_;
  std::map<sync_number, server_id> said_;  // of each service, the last server whose name was said
  std::map<std::pair<std::string, sync_number>, server_id> ours_;  // of its services and servers
  // Tables that had nobody in them when the connection began: what the peer tells us it need not hear from us, and what
  // our clients do are news, all of it.
  std::set<sync_number> empty_;
  std::map<sync_number, repair> repairs_;  // of ours, for the peer
  std::uint64_t skipped_ = 0, told_news_ = 0;
};

}  // namespace holdfast
