// Real sockets on loopback, all on one loop: keys, ears that remember what they heard, and a go-between that can fall
// silent or cut a connection in the middle.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/tls/secure_stream_io.h"

namespace holdfast {

using namespace std::chrono_literals;

inline secret_key key_of(std::uint8_t byte) {
  secret_key key;
  for (std::uint8_t& b : key.bytes()) b = byte;
  return key;
}

inline endpoint loopback(std::uint16_t port = 0) { return {.host = address::v4(0x7f000001), .port = port, .path = {}}; }

// Turns the loop until `claim` is true; false when it is not within 20 seconds.
template <class Claim>
bool eventually(boost::asio::io_context& io, Claim claim) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!claim()) {
    if (std::chrono::steady_clock::now() > end) return false;
    io.restart();
    io.run_one_for(10ms);
  }
  return true;
}

inline std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// What a stream told its owner.
struct ear {
  bool opened = false;
  std::vector<std::string> frames;
  int drained = 0;
  std::vector<stream_end> ends;

  stream_callbacks callbacks() {
    return {.opened = [this] { opened = true; },
            .received = [this](std::span<const std::uint8_t> f) { frames.emplace_back(f.begin(), f.end()); },
            .drained = [this] { ++drained; },
            .ended = [this](stream_end why) { ends.push_back(why); }};
  }
};

// Stands between two ends of a connection, the latest that was made to it.
class go_between {
 public:
  using tcp = boost::asio::ip::tcp;

  go_between(boost::asio::io_context& io, const endpoint& to)
      : io_(io), door_(io, {boost::asio::ip::address_v4::loopback(), 0}), to_(to.port) {
    accept();
  }
  ~go_between() { end(); }
  go_between(const go_between&) = delete;
  go_between& operator=(const go_between&) = delete;

  endpoint where() const { return loopback(door_.local_endpoint().port()); }

  // Carries nothing more of this connection, and says nothing about it.
  void hold() { *held_ = true; }

  // Both ends hear what a kernel says for a program that was killed: end of file, or a reset.
  void end() {
    boost::system::error_code ignored;
    if (near_) near_->close(ignored);
    if (far_) far_->close(ignored);
  }
  void reset() {
    for (const auto& socket : {near_, far_}) socket->set_option(boost::asio::socket_base::linger(true, 0));
    end();
  }

 private:
  using shared_socket = std::shared_ptr<tcp::socket>;
  using shared_flag = std::shared_ptr<bool>;

  void accept() {
    door_.async_accept([this](boost::system::error_code failed, tcp::socket socket) {
      if (failed) return;
      near_ = std::make_shared<tcp::socket>(std::move(socket));
      far_ = std::make_shared<tcp::socket>(io_);
      held_ = std::make_shared<bool>(false);
      boost::system::error_code ignored;
      far_->connect({boost::asio::ip::address_v4::loopback(), to_}, ignored);
      carry(near_, far_, held_);
      carry(far_, near_, held_);
      accept();
    });
  }

  static void carry(const shared_socket& from, const shared_socket& to, const shared_flag& held) {
    const auto buffer = std::make_shared<std::array<char, 65536>>();
    from->async_read_some(boost::asio::buffer(*buffer), [=](boost::system::error_code failed, std::size_t size) {
      if (*held) return;
      if (failed) {
        boost::system::error_code ignored;
        to->close(ignored);
        return;
      }
      boost::asio::async_write(*to, boost::asio::buffer(*buffer, size),
                               [=](boost::system::error_code gone, std::size_t) {
                                 if (!gone) carry(from, to, held);
                                 static_cast<void>(buffer);
                               });
    });
  }

  boost::asio::io_context& io_;
  tcp::acceptor door_;
  std::uint16_t to_;
  shared_socket near_;
  shared_socket far_;
  shared_flag held_ = std::make_shared<bool>(false);
};

}  // namespace holdfast
