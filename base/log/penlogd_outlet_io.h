// Lines on their way to a penlogd: as datagrams, over UDP or a UNIX socket, or over TLS. For the writer's thread
// (line_writer_io.h).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/log/line_writer_io.h"
#include "base/result.h"
#include "base/tls/tls_session_io.h"

namespace holdfast {

// Both ends of TLS say so: see tls_context.
inline constexpr const char* log_label = "holdfast log 1";
inline constexpr std::size_t max_log_frame = 128 << 10;  // bytes

struct penlogd_place {
  endpoint to;                  // a path: a UNIX socket
  std::optional<address> from;  // our end's address; none: as the kernel chooses
};

// Appends what becomes of a line, which has no '\n' at its end; nor is one appended.
using line_form = std::function<void(std::string& out, std::string_view line)>;

// A datagram a line. UDP: lost without a word if nobody listens. A UNIX socket: lines wait until somebody does. The
// error is a sentence.
result<line_writer::outlet, std::string> outlet_to_datagrams(const penlogd_place& where, line_form form);

// Calls, and calls again a second after a connection has ended. A line is delivered when the kernel has taken it.
// EKEYREJECTED: the other end doesn't hold the key.
line_writer::outlet outlet_to_tls(const penlogd_place& where, const tls_context& keys, line_form form);

}  // namespace holdfast
