// Agents' wires on loopback, each with a list of what it was told, in words.
#pragma once

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/ensure.h"
#include "tests/base/loopback.h"
#include "vrrp/agent/wire_io.h"

namespace holdfast {

// Patient: on a machine with much else to do, nothing is lost by chance.
inline wire_limits patient() { return {.silence = 20s}; }

// Soon lost.
inline wire_limits hasty() { return {.silence = 200ms, .link = {.ping = 20ms}}; }

// One agent's end.
struct agent {
  agent(boost::asio::io_context& io, const std::string& name, std::vector<wire_node> others,
        const wire_limits& limits = patient(), std::uint8_t key = 1, const endpoint& own = loopback())
      : itself(std::make_unique<wire>(
            io,
            wire_settings{
                .name = name, .listen = own, .software = "1.0", .others = std::move(others), .limits = limits},
            key_of(key), callbacks())) {
    const auto bound = itself->start();
    ensure(bound.has_value());
    where = *bound;
  }

  wire_callbacks callbacks() {
    return {
        .connected = [this](const std::string& who, const wire_hello&) { news.push_back("connected " + who); },
        .heard =
            [this](const std::string& who, const wire_report& r) {
              news.push_back("heard " + who);
              report = r;
            },
        .died = [this](const std::string& who) { news.push_back("died " + who); },
        .left = [this](const std::string& who) { news.push_back("left " + who); },
        .lost = [this](const std::string& who, const std::string& why) { news.push_back("lost " + who + ": " + why); },
        .failed = [this](const std::string&, const std::string& why) { failures.push_back(why); },
        .doubled = [this](const std::string&, const std::string& why) { doubles.push_back(why); }};
  }

  long count(const std::string& what) const { return std::count(news.begin(), news.end(), what); }
  bool was_told(const std::string& what) const { return count(what) > 0; }
  bool connected() const {
    const auto all = itself->status();
    return std::all_of(all.begin(), all.end(), [](const wire_status& s) { return s.since.has_value(); });
  }

  std::vector<std::string> news;
  std::vector<std::string> failures;
  std::vector<std::string> doubles;
  wire_report report;  // the last heard
  std::unique_ptr<wire> itself;
  endpoint where;
};

inline wire_report report_of(std::uint64_t epoch, std::size_t groups = 1) {
  wire_report out;
  for (std::size_t i = 0; i < groups; ++i) out.groups.push_back({.name = "g" + std::to_string(i), .epoch = epoch});
  return out;
}

// A report is numbered by the wire, and grows older on its way by as much as that takes.
inline wire_report as_it_was_said(wire_report heard) {
  heard.number = 0;
  for (wire_group& group : heard.groups) group.since = 0;
  return heard;
}

}  // namespace holdfast
