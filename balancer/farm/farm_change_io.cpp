// What the farm does with new settings, and with what names turn out to mean: all that can fail first.
#include "balancer/choice/country_io.h"
#include "balancer/farm/farm_io.h"
#include "balancer/logs/log_place.h"
#include "balancer/names/service_port_io.h"
#include "base/clock_io.h"
#include "base/log/program_log_io.h"
#include "base/log_io.h"
#include "cli/configuration/node_check.h"

namespace holdfast {

namespace {

constexpr std::uint32_t least_debug_dumping = 2;                     // as -d -d
constexpr duration start_patience = std::chrono::milliseconds(500);  // for names

}  // namespace

// All of a change that may fail, made before anything is changed.
struct farm::change_set {
  acl_table acls;
  own_listeners ours;
  std::vector<std::unique_ptr<service>> added;
  std::vector<std::pair<service*, service::change>> services;
  line_writer::outlet access;  // null: as before
  std::shared_ptr<const country_database> countries;
};

result<std::shared_ptr<const country_database>, std::string> farm::prepare_countries(const settings& wanted,
                                                                                     occasion why) {
  if (wanted.geoip.empty()) return std::shared_ptr<const country_database>();
  const bool same = wanted.geoip == current_.geoip;
  if (same && why == occasion::command) return countries_;
  auto loaded = country_database::load(wanted.geoip);
  if (loaded) return *loaded;
  const std::string refusal = "geoip " + wanted.geoip + ": " + loaded.error();
  if (!same && why != occasion::start) return failure{refusal};
  log::error("geoip=refused file={} why=\"{}\"", wanted.geoip, loaded.error());
  return countries_;
}

result<line_writer::outlet, std::string> farm::prepare_log(const settings& wanted, occasion why) const {
  const log_setting how = log_setting_of(wanted);
  const auto where = place_of_log(wanted);
  const bool same = why == occasion::command && how == log_setting_of(current_);
  if (!where || same || why == occasion::start) return line_writer::outlet();
  if (why != occasion::rehearsal) return open_access_log(*where, how);
  if (const auto could = rehearse_access_log(*where, how); !could) return could.error();
  return line_writer::outlet();
}

result<void, std::string> farm::open_log() {
  auto again = prepare_log(current_, occasion::reload);
  if (!again) return "log: " + again.error();
  if (*again) access_.turn_to(std::move(*again));
  return {};
}

result<farm::change_set, findings> farm::prepare(const settings& wanted, occasion why) {
  findings wrong;
  const auto refuse = [&](std::string about, std::string sentence) {
    wrong.push_back({severity::refuses, std::move(about), std::move(sentence)});
  };
  const bool afresh = why != occasion::command;
  change_set made;
  if (why == occasion::start) await_names(wanted, start_patience);
  ask_for_names(wanted);
  if (why == occasion::reload) lookups_.feed(name_book::doubted{});
  const resolver names(lookups_.known(), service_port);
  const bool same_acls = wanted.acls == current_.acls;
  made.acls = same_acls ? acls_ : acl_table(wanted.acls, current_.acls, acls_);
  auto countries = prepare_countries(wanted, why);
  countries ? void(made.countries = std::move(*countries)) : refuse("geoip", countries.error());
  auto log = prepare_log(wanted, why);
  log ? void(made.access = std::move(*log)) : refuse("log", "log: " + log.error());
  made.ours = ours_;
  const auto with = means_with(wanted, made.acls, names, made.ours, why != occasion::rehearsal);
  const bool alike = !afresh && same_acls && wanted.vrrp == current_.vrrp;
  for (const auto& [name, said] : wanted.services) {
    service* existing = find(name);
    if (existing != nullptr && alike && said == existing->wanted()) continue;
    if (existing == nullptr) existing = leaving(name);
    if (existing == nullptr) {
      made.added.push_back(make_service());
      existing = made.added.back().get();
    }
    auto prepared = existing->prepare(said, with);
    if (prepared) {
      made.services.emplace_back(existing, std::move(*prepared));
      continue;
    }
    add_lines(wrong, "service " + name, prepared.error());
  }
  const auto places = places_of(wanted, [&](const place& said) { return names.find(said); });
  for (finding& f : shared_places(places)) wrong.push_back(std::move(f));
  if (!wrong.empty()) return wrong;
  return made;
}

result<void, std::string> farm::change(const settings& wanted, occasion why, const last_step& last) {
  auto made = prepare(wanted, why);
  if (!made) return in_one_line(made.error());
  if (const auto done = last(); !done) return done;
  commit(std::move(*made), wanted);
  return {};
}

findings farm::rehearse(const settings& wanted) {
  const auto made = prepare(wanted, occasion::rehearsal);
  return made ? findings() : made.error();
}

void farm::commit(change_set made, const settings& wanted) {
  acls_ = std::move(made.acls);
  if (made.countries != countries_) {
    countries_ = std::move(made.countries);
    for (auto& w : workers_) w->tell(adopt_country{countries_});
  }
  if (made.access || !wanted.log) access_.turn_to(std::move(made.access));
  log_at_ = place_of_log(wanted);
  const log_format format = log_setting_of(wanted).format;
  if (wanted.log.has_value() != current_.log.has_value() || format != log_setting_of(current_).format) {
    for (auto& w : workers_) w->tell(access_logging{wanted.log.has_value(), format});
  }
  const auto dumps = [](const settings& s) { return std::pair(s.debug >= least_debug_dumping, s.ascii); };
  if (dumps(wanted) != dumps(current_)) {
    for (auto& w : workers_) w->tell(dump_traffic{dumps(wanted).first, dumps(wanted).second});
    if (dumps(wanted).first) log::warn("debug={} why=\"what clients and servers say is in this log\"", wanted.debug);
  }
  for (auto& [which, prepared] : made.services) which->commit(std::move(prepared));
  for (auto& s : made.added) services_[s->wanted().name] = std::move(s);
  welcome_back(wanted);
  for (auto& [name, s] : services_) {
    if (!wanted.services.contains(name)) part_from(std::move(s));
  }
  std::erase_if(services_, [](const auto& entry) { return entry.second == nullptr; });
  ours_ = std::move(made.ours);
  hold_claims();
  keep_tables();
  program_log::set_level(wanted.debug);
  current_ = wanted;
  lookups_.feed(name_book::wanted{names_in(wanted), wanted.resolve_every});
  changed_();
  step();
}

// Nobody gets in any more, and those who are in have a while to finish.
// What was wanted and refused stays known until the next change: a listener may be waiting for its name.
void farm::ask_for_names(const settings& wanted) {
  auto all = names_in(wanted);
  all.merge(names_in(current_));
  lookups_.feed(name_book::wanted{std::move(all), wanted.resolve_every});
}

void farm::await_names(const settings& wanted, duration most) {
  ask_for_names(wanted);
  lookups_.wait(most);
}

service::means farm::means_with(const settings& wanted, const acl_table& acls, const resolver& names,
                                own_listeners& ours, bool opens) const {
  return {acls,
          names,
          ours,
          workers_.size(),
          monotonic_now(),
          opens,
          keeper_ ? keeper_->directory() : std::string(),
          files_.clients(),
          addresses_of_groups(wanted)};
}

// Only pools become others; nothing is opened or closed.
void farm::names_moved() {
  const resolver names(lookups_.known(), service_port);
  bool any = false;
  for (auto& [name, s] : services_) {
    if (!s->is_elsewhere(names)) continue;
    auto prepared = s->prepare(s->wanted(), means_with(current_, acls_, names, ours_, false));
    if (!prepared) {
      log::error("service={} names=ignored why=\"{}\"", name, prepared.error());
      continue;
    }
    s->commit(std::move(*prepared));
    any = true;
  }
  if (any) changed_();
  if (const auto to = place_of_log(current_); to && to != std::exchange(log_at_, to)) {
    if (const auto again = open_log(); !again) log::error("access_log=failed why=\"{}\"", again.error());
  }
}

std::optional<place> farm::place_of_log(const settings& wanted) const {
  return log_place(wanted.log, resolver(lookups_.known(), service_port));
}

}  // namespace holdfast
