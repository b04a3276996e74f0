#include "balancer/farm/pool_maker.h"

#include <algorithm>

namespace holdfast {

namespace {

constexpr std::size_t max_known_servers = 4 * max_servers;  // identities remembered beyond their removal

// What is known of that port of a server, if it had it before.
std::shared_ptr<port_live> port_of(const server* before, std::uint16_t port) {
  if (before != nullptr) {
    for (const auto& one : before->ports) {
      if (one->port == port) return one;
    }
  }
  return std::make_shared<port_live>(port);
}

}  // namespace

const pool_maker::known_server* pool_maker::know(const std::string& identity) {
  if (const auto known = known_.find(identity); known != known_.end()) return &known->second;
  const auto id = names_->know(identity);
  if (!id) return nullptr;
  return &known_.emplace(identity, known_server{*id, std::make_shared<server_live>()}).first->second;
}

result<server, std::string> pool_maker::make_server(const server_settings& said, std::string identity,
                                                    const means& with, const std::vector<std::uint16_t>& ports,
                                                    const rename* as) {
  server made;
  made.name = said.name;
  made.host = said.where.host;
  made.identity = std::move(identity);
  made.identity_hash = identity_hash(made.identity);
  if (!said.is_empty()) {
    auto where = with.names.find_all(said.where);
    if (!where) return failure{"server " + said.name + ": " + where.error()};
    made.usable = !where->empty();
    if (made.usable) made.where = where->front();
    if (where->size() > 1) made.others.assign(where->begin() + 1, where->end());
  }
  made.max = said.max;
  made.hard = said.hard;
  made.weight = said.weight;
  made.prio = said.prio;
  made.drain = said.drain;
  made.permits = with.acls.find(said.acl);
  const auto* known = know(made.identity);
  if (known == nullptr)
    return failure{"server " + said.name + ": too many servers since the start: restart the balancer"};
  made.id = known->id;
  const server_id former_id = as == nullptr ? known->id : know(as->from)->id;
  made.live = as == nullptr ? known->live : know(as->from)->live;
  if (!made.usable || !made.where.path.empty() || made.where.port != 0 || ports.size() < 2) return made;
  const server* before = pool_ ? pool_->find(former_id) : nullptr;
  for (const std::uint16_t port : ports) made.ports.push_back(port_of(before, port));
  return made;
}

// None: not said, or its name is not known (yet).
result<std::optional<server>, std::string> pool_maker::make_extra(const std::optional<place>& said, const char* name,
                                                                  const means& with) {
  if (!said) return std::optional<server>();
  const acl_table everybody;
  // Begins with a blank, as the name of no server does: a server may be called "emergency", too.
  auto made =
      make_server({.name = name, .where = *said}, std::string(" ") + name, {everybody, with.names}, {}, nullptr);
  if (!made) return failure{made.error()};
  return made->usable ? std::optional(std::move(*made)) : std::nullopt;
}

result<std::shared_ptr<pool>, std::string> pool_maker::make_pool(const service_settings& wanted, const means& with,
                                                                 const std::vector<rename>& renamed) {
  auto next = std::make_shared<pool>();
  next->service = number_;
  next->policy = wanted;
  if (wanted.conn_max == 0) next->policy.conn_max = with.most_connections;
  next->source_moves = wanted.source && with.moving.contains(*wanted.source);
  next->policy.listeners.clear();
  next->policy.servers.clear();
  const auto ports = ports_of(wanted, with.names);
  const auto identities = wanted.identities();
  const auto hashes = host_hashes(wanted.servers);
  std::string wrong;
  for (std::size_t i = 0; i < wanted.servers.size(); ++i) {
    const auto as = std::find_if(renamed.begin(), renamed.end(), [&](const auto& r) { return r.to == identities[i]; });
    auto made = make_server(wanted.servers[i], identities[i], with, ports, as == renamed.end() ? nullptr : &*as);
    if (!made) {
      wrong += (wrong.empty() ? "" : "\n") + made.error();
      continue;
    }
    made->host_hash = hashes[i];
    next->asks_country |= made->permits->asks_country();
    next->servers.push_back(std::move(*made));
  }
  if (!wrong.empty()) return failure{std::move(wrong)};
  auto emergency = make_extra(wanted.emergency, "emergency", with);
  if (!emergency) return failure{emergency.error()};
  auto abuse = make_extra(wanted.abuse, "abuse", with);
  if (!abuse) return failure{abuse.error()};
  next->emergency = std::move(*emergency);
  next->abuse = std::move(*abuse);
  next->client_acl = with.acls.find(wanted.client_acl);
  next->asks_country |= next->client_acl->asks_country();
  next->live = live_;
  next->followed = followed_;
  return next;
}

// Which ids of former servers mean which of the wanted ones. An identity that is wanted again means itself.
std::map<server_id, std::string> pool_maker::successors(const service_settings& wanted,
                                                        const std::vector<rename>& renamed) {
  auto out = successors_;
  for (const rename& r : renamed) {
    for (auto& [id, identity] : out) {
      if (identity == r.from) identity = r.to;
    }
    out[know(r.from)->id] = r.to;
  }
  const auto identities = wanted.identities();
  const std::set<std::string> have(identities.begin(), identities.end());
  std::erase_if(out, [&](const auto& one) { return have.contains(names_->identity_of(one.first)); });
  return out;
}

result<pool_maker::outcome, std::string> pool_maker::make(const service_settings& wanted, const means& with) {
  auto renamed = pool_ ? renames(wanted_, wanted) : std::vector<rename>();
  std::erase_if(renamed, [&](const rename& r) { return know(r.from) == nullptr; });
  auto next = make_pool(wanted, with, renamed);
  if (!next) return next.error();
  auto former = successors(wanted, renamed);
  (*next)->index(former);
  return outcome{.next = std::move(*next), .renamed = std::move(renamed), .successors = std::move(former)};
}

void pool_maker::adopt(const outcome& what, const service_settings& wanted) {
  pool_ = what.next;
  wanted_ = wanted;
  successors_ = what.successors;
  for (const rename& r : what.renamed) known_.at(r.to).live = known_.at(r.from).live;
  if (known_.size() <= max_known_servers) return;
  std::erase_if(known_, [&](const auto& known) { return pool_->find(known.second.id) == nullptr; });
  std::erase_if(successors_, [&](const auto& one) { return pool_->find(one.first) == nullptr; });
}

bool pool_maker::is_elsewhere(const resolver& names) const {
  const auto differs = [&](const place& said, const server* s) {
    const auto now = names.find_all(said);
    if (said.host.empty() || !now) return false;
    if (s == nullptr || !s->usable) return !now->empty();
    if (now->empty()) return false;  // known once, and forgotten: it stays
    return now->front() != s->where || !std::equal(now->begin() + 1, now->end(), s->others.begin(), s->others.end());
  };
  const auto extra = [&](const std::optional<place>& said, const std::optional<server>& s) {
    return said && differs(*said, s ? &*s : nullptr);
  };
  for (std::size_t i = 0; i < wanted_.servers.size(); ++i) {
    const server_settings& said = wanted_.servers[i];
    if (!said.is_empty() && differs(said.where, &pool_->servers[i])) return true;
  }
  return extra(wanted_.emergency, pool_->emergency) || extra(wanted_.abuse, pool_->abuse);
}

std::vector<table_file_head::server> pool_maker::kept() const {
  std::vector<table_file_head::server> out;
  for (auto& [id, identity] : names_->after(0)) {
    const auto now = successors_.find(id);
    const std::string& name = now == successors_.end() ? identity : now->second;
    if (name.size() <= max_table_file_name) out.push_back({id, name});
  }
  return out;
}

std::vector<std::uint16_t> ports_of(const service_settings& said, const resolver& names) {
  std::set<std::uint16_t> out;
  for (const place& listener : said.listeners) {
    const auto where = names.find({.host = {}, .port = listener.port, .path = listener.path});
    if (where && where->port != 0) out.insert(where->port);
  }
  return {out.begin(), out.end()};
}

}  // namespace holdfast
