// Carries the bytes of a connection both ways between two streams. Decides nothing about connections: it says what has
// become of one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "balancer/relay/half_io.h"
#include "balancer/relay/relay_progress.h"

namespace holdfast {

struct channel {
  half client, server;
  bool overheard = true;  // somebody wants to know what the client says
  bool replied = false;   // the server has spoken since the client last did
  bool withheld = false;  // what the server sends is left where it is, for now; so is its end
  fastclose closing = fastclose::off;
};

// One a worker.
class relay {
 public:
  // Told what a client says, piece by piece, as it is sent to its server, until it answers false; and again when the
  // server has spoken since. The view ends with the call.
  using listener = std::function<bool(channel&, std::string_view)>;

  relay(listener ear, descriptor_budget& files);

  // Told all that is sent on from either side, from now on: nothing is spliced meanwhile. null: nobody.
  using witness = std::function<void(const channel&, bool from_client, std::string_view)>;
  void witness_by(witness who) { witness_ = std::move(who); }

  // Moves what can be moved, within the channel's share of a turn. From a side with an allowance no more is read than
  // that: `counted` when all of it has been sent.
  progress turn(channel& c);

  // Closes both sockets and takes back what they held. reset: with RST to whoever is still there.
  void close(channel& c, bool reset);
  void drop_server(channel& c);  // what the client has sent stays

  // What this server is to hear before all that the client says. Neither counted nor overheard; dropped with its
  // server.
  void send_first(channel& c, std::string_view preface);

  // A server between two exchanges, so that another channel may use it. None when it is not at rest: bytes are held for
  // either side, one has ended, or failed. What has moved stays with the channel.
  std::optional<half> detach_server(channel& c);
  void attach_server(channel& c, half server);

  // For another process, which gets a descriptor of the same socket, too: takes what is held out of a half, whose own
  // descriptor is then to be closed.
  half_image take_image(half& h);
  void restore(half& h, descriptor fd, const half_image& image);

 private:
  bool pump(channel& c, half& from, half& to);
  bool flush(channel& c, half& from, half& to);
  bool flush_pipe(channel& c, half& from, half& to);
  int move_some(channel& c, half& from, half& to);
  void copy(channel& c, half& from, half& to, std::size_t wanted);
  bool splice_in(half& from, std::size_t wanted);
  void put_away_pipe(half& from);
  void empty_pipe(half& from);
  bool delivered(channel& c);
  void swallow(half& h);
  void note_sent(channel& c, half& from, std::string_view piece);
  void hold(half& from, std::string_view piece);
  void let_go(half& from, std::size_t count);
  void release(half& h);

  listener ear_;
  witness witness_;
  std::unique_ptr<char[]> scratch_;  // where all reads go: one buffer, so it stays in the cache
  pipe_pool pipes_;
  std::size_t held_ = 0;  // bytes in all `held` of this worker
};

}  // namespace holdfast
