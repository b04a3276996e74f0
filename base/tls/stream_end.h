// How a connection between two nodes came to its end, or never came about.
#pragma once

#include <cstdint>

namespace holdfast {

enum class stream_end : std::uint8_t {
  closed,             // end of file or a reset, without a word: the peer's kernel did that, its program is gone
  parted,             // the peer's program, alive, ended it
  lost,               // silence, a time limit, no route: says nothing about the peer
  refused,            // nobody listens there; a listener: turned away for newer callers
  not_authenticated,  // the other end doesn't hold the key, or isn't one of us at all
  protocol,           // what came was no frame, or one too long
  slow,               // the peer didn't take what was sent; the queue is full
};

// A clause for a log line: "the peer ended the connection". It fits every peer of every protocol.
constexpr const char* describe(stream_end why) {
  switch (why) {
    case stream_end::closed: return "the connection was closed without a word";
    case stream_end::parted: return "the peer ended the connection";
    case stream_end::lost: return "nothing was heard in time";
    case stream_end::refused: return "the connection was refused";
    case stream_end::not_authenticated: return "the peer doesn't hold the same cluster key";
    case stream_end::protocol: return "the peer spoke nonsense";
    case stream_end::slow: return "the peer doesn't take what it is sent";
  }
  return "";
}

}  // namespace holdfast
