#include "balancer/farm/listeners_io.h"

#include <algorithm>

#include "base/clock_io.h"
#include "base/log_io.h"
#include "cli/language/words.h"

namespace holdfast {

namespace {

socket_access access_to(const service_settings& wanted, const endpoint& where) {
  const auto said = wanted.socket_access.find(where.path);
  return said == wanted.socket_access.end() ? socket_access{} : said->second;
}

}  // namespace

result<listeners::opened, std::string> listeners::open(const place& said, const endpoint& where,
                                                       const service_settings& wanted, const means& with) {
  if (!with.ours.in_the_way_of(where, with.now) && is_taken(where)) {
    return failure{"another program uses that port already"};
  }
  const socket_access access = access_to(wanted, where);
  if (auto why = objection_to(access); !why.empty()) return failure{std::move(why)};
  with.ours.add(where);
  opened made{.said = said, .where = where, .sockets = {}, .file = {}};
  const std::size_t count = where.path.empty() ? with.workers : 1;  // UNIX sockets know no SO_REUSEPORT
  for (std::size_t i = 0; i < count; ++i) {
    auto socket = open_listening_socket(where, static_cast<int>(wanted.backlog), access);
    if (!socket) return failure{socket.error().message()};
    made.sockets.push_back(std::move(*socket));
  }
  made.file = socket_file(where.path);
  return made;
}

result<std::vector<listeners::opened>, std::string> listeners::open_new(const service_settings& wanted,
                                                                        const means& with) const {
  std::vector<opened> fresh;
  std::string wrong;
  for (const auto& said : wanted.listeners) {
    const auto refuse = [&](const std::string& why) {
      wrong += (wrong.empty() ? "listen " : "\nlisten ") + host_word::print(said) + ": " + why;
    };
    const auto same = [&](const bound& b) { return b.said == said; };
    if (std::any_of(all_.begin(), all_.end(), same)) continue;
    const auto where = with.names.find(said);
    if (!where) {
      refuse(where.error());
    } else if (with.opens) {
      auto made = open(said, *where, wanted, with);
      made ? fresh.push_back(std::move(*made)) : refuse(made.error());
    }
  }
  if (!wrong.empty()) return wrong;
  return fresh;
}

std::uint32_t listeners::hand_over(opened& what, worker_list& workers) {
  const std::uint32_t number = next_++;
  // A lone UNIX socket goes to one worker, another one to the next.
  for (std::size_t i = 0; i < what.sockets.size(); ++i) {
    auto& w = what.sockets.size() == 1 ? workers[number % workers.size()] : workers[i];
    w->tell(open_listener{number, service_, what.sockets[i].release(), what.where});
  }
  return number;
}

void listeners::renew(std::vector<opened> fresh, const service_settings& wanted, worker_list& workers) {
  std::erase_if(all_, [&](const bound& b) {
    if (std::find(wanted.listeners.begin(), wanted.listeners.end(), b.said) != wanted.listeners.end()) return false;
    for (auto& w : workers) w->tell(close_listener{b.number});
    log::info("service={} listener={} closed", wanted.name, b.where.text());
    return true;
  });
  for (const bound& b : all_) {
    if (const auto failed = let_in(b.where, access_to(wanted, b.where))) {
      log::warn("service={} listener={} mode=unchanged why=\"{}\"", wanted.name, b.where.text(), failed.message());
    }
  }
  for (auto& l : fresh) {
    const std::uint32_t number = hand_over(l, workers);
    log::info("service={} listener={} open", wanted.name, l.where.text());
    all_.push_back({number, l.said, l.where, std::move(l.file)});
  }
}

void listeners::close_all(worker_list& workers) {
  for (const auto& b : all_) {
    for (auto& w : workers) w->tell(close_listener{b.number});
  }
  all_.clear();
}

void listeners::look_after(const service_settings& wanted, worker_list& workers) {
  for (bound& b : all_) {
    if (b.where.path.empty() || b.file.is_there()) continue;
    b.file = {};  // before there is a new one, which may well get its number
    auto socket = open_listening_socket(b.where, static_cast<int>(wanted.backlog), access_to(wanted, b.where));
    if (!socket) {
      const std::string line = "service=" + wanted.name + " listener=" + b.where.text() +
                               " state=lost why=\"its file has gone, and a new one: " + socket.error().message() + '"';
      if (const auto say = b.trouble.say(line, monotonic_now())) log::warn("{}", *say);
      continue;
    }
    for (auto& w : workers) w->tell(close_listener{b.number});
    opened again{.said = b.said, .where = b.where, .sockets = {}, .file = socket_file(b.where.path)};
    again.sockets.push_back(std::move(*socket));
    b.number = hand_over(again, workers);
    b.file = std::move(again.file);
    log::warn("service={} listener={} open why=\"its file had gone\"", wanted.name, b.where.text());
  }
}

std::vector<endpoint> listeners::places() const {
  std::vector<endpoint> out;
  out.reserve(all_.size());
  for (const auto& b : all_) out.push_back(b.where);
  return out;
}

std::uint16_t listeners::first_port() const {
  const auto ported = std::find_if(all_.begin(), all_.end(), [](const bound& b) { return b.where.port != 0; });
  return ported == all_.end() ? 0 : ported->where.port;
}

}  // namespace holdfast
