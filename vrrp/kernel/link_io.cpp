#include "vrrp/kernel/link_io.h"

#include <linux/rtnetlink.h>

#include <optional>

#include "base/loop/drive_io.h"
#include "base/loop/readable_io.h"
#include "vrrp/kernel/netlink_io.h"

namespace holdfast {

namespace {

constexpr int room = 4 << 20;          // renewing some hundred addresses at once makes as many events
constexpr int share = 64;              // datagrams in a turn
constexpr int waiting_most = 1 << 17;  // datagrams that find room
constexpr duration breather = std::chrono::milliseconds(100);

}  // namespace

struct link_watch::impl : std::enable_shared_from_this<impl> {
  impl(boost::asio::io_context& context, listener l)
      : io(context), told(std::move(l)), events(room), again(context, [this] { look_again(); }) {
    for (const int group : {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR}) events.join(group);
  }

  boost::asio::io_context& io;
  listener told;
  netlink events;
  netlink questions;
  alarm again;
  std::optional<readable> reading;
  bool over = false;

  result<void, std::string> tell_all() {
    const auto self = shared_from_this();  // whoever is told may end the watch
    const auto links = questions.links();
    if (!links) return links.error();
    const auto addresses = questions.addresses();
    if (!addresses) return addresses.error();
    told.resync(*links, *addresses);
    return {};
  }

  void look_again() {
    const auto self = shared_from_this();
    if (!tell_all() && !over) again.set(monotonic_now() + breather);
  }

  void tell(const nlmsghdr& said) {
    if (over) return;
    if (const auto link = read_link(said)) {
      said.nlmsg_type == RTM_NEWLINK ? told.link_changed(*link) : told.link_gone(link->index);
    } else if (const auto one = read_address(said)) {
      said.nlmsg_type == RTM_NEWADDR ? told.address_added(*one) : told.address_removed(*one);
    }
  }

  void read() {
    const auto self = shared_from_this();
    read_share();
    if (!over) told.settled();
  }

  void read_share() {
    for (int i = 0; i < share && !over; ++i) {
      const auto came = events.receive([this](const nlmsghdr& said) { tell(said); });
      if (came == netlink::came::nothing) return;
      if (came == netlink::came::lost) return start_over();
    }
  }

  // What waits is older than what was lost: told after the list of what is there, it would be wrong for good.
  void start_over() {
    for (int i = 0; i < waiting_most; ++i) {
      if (events.receive([](const nlmsghdr&) {}) == netlink::came::nothing) break;
    }
    look_again();
  }
};

link_watch::link_watch(boost::asio::io_context& io, listener told)
    : impl_(std::make_shared<impl>(io, std::move(told))) {}

link_watch::~link_watch() {
  impl_->over = true;
  impl_->reading.reset();
  impl_->again.set(std::nullopt);
}

result<void, std::string> link_watch::start() {
  impl_->reading.emplace(impl_->io, impl_->events.fd(), [watch = impl_.get()] { watch->read(); });
  return impl_->tell_all();
}

}  // namespace holdfast
