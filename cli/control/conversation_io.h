// One caller of a control socket: reads the line, hands it on, writes the answer, closes. Knows no listener.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>

#include "cli/control/control_io.h"

namespace holdfast {

// Lives as long as something is under way: every pending operation holds it. One thread.
class conversation : public std::enable_shared_from_this<conversation> {
 public:
  using socket = boost::asio::generic::stream_protocol::socket;
  using handler_type = control_server::handler_type;

  // ended: called once, when the socket is closed.
  conversation(socket s, caller who, const control_limits& limits, std::shared_ptr<const handler_type> handler,
               std::function<void(conversation&)> ended);

  void start();
  void close();

  // Any thread.
  static void answer(const std::weak_ptr<conversation>& to, const boost::asio::any_io_executor& on, reply what);

 private:
  enum class state : std::uint8_t { listening, waiting, writing, parting, closed };

  void read();
  void heard(std::size_t bytes, bool end);
  void ask();
  void say(const reply& what);
  void write();
  void part();
  void arm(std::chrono::milliseconds after);
  void late();
  void silent();
  std::string_view line() const { return std::string_view(buffer_).substr(0, heard_); }

  socket socket_;
  boost::asio::steady_timer alarm_;
  caller who_;
  control_limits limits_;
  std::shared_ptr<const handler_type> handler_;
  std::function<void(conversation&)> ended_;
  std::string buffer_;  // room for the longest line and its end
  std::size_t heard_ = 0;
  std::string answer_;
  std::size_t written_ = 0;
  boost::asio::steady_timer::time_point until_;  // the line ends by then
  state state_ = state::listening;
};

}  // namespace holdfast
