// Random words for every kind of argument, and random commands made of them: so that properties are tried on every row.
#pragma once

#include <algorithm>
#include <array>
#include <random>
#include <string>

#include "base/ensure.h"
#include "cli/language/table.h"

namespace holdfast {

class word_maker {
 public:
  explicit word_maker(std::uint64_t seed) : random_(seed) {}

  // A line of this row, with all, some or none of its optional parts in any order.
  std::string line_of(const row& r);
  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }

 private:
  std::string word_for(const argument& h);
  std::string number_for(const argument& h);  // at, or between, the limits that it names
  std::string time_for(const argument& h);    // the same
  std::string letters(std::size_t most);
  std::string address(bool six);
  std::string place(bool port_needed, bool path_allowed);

  std::mt19937_64 random_;
};

inline std::string word_maker::letters(std::size_t most) {
  std::string text(1 + below(most), 'a');
  for (char& c : text) c = static_cast<char>('a' + below(26));
  return text;
}

inline std::string word_maker::address(bool six) {
  const auto byte = [this] { return std::to_string(below(256)); };
  if (!six) return byte() + '.' + byte() + '.' + byte() + '.' + byte();
  constexpr std::array shapes{"::", "::1", "2001:db8::7", "fe80::1:2", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1"};
  return shapes.at(below(shapes.size()));
}

inline std::string word_maker::place(bool port_needed, bool path_allowed) {
  if (path_allowed && below(4) == 0) return "/run/" + letters(8);
  const bool six = below(3) == 0;
  std::string host = below(3) == 0 ? letters(10) + ".example" : address(six);
  const std::string port = below(4) == 0 ? letters(6) : std::to_string(1 + below(65535));
  const bool brackets = host.find(':') != host.npos;
  if (!port_needed && below(2) == 0) return host;
  return (brackets ? '[' + host + ']' : host) + ':' + port;
}

inline std::string word_maker::number_for(const argument& h) {
  const std::string expects = h.expects();  // "a number from 1 to 300"
  const auto least = expects.find("from ") + 5;
  const auto most = expects.find("to ", least) + 3;
  const auto low = std::stoul(expects.substr(least)), high = std::stoul(expects.substr(most));
  return std::to_string(below(3) == 0 ? low : below(3) == 0 ? high : low + below(high - low + 1));
}

struct time_limits {
  duration low, high, step;
};

// Of "a duration from 10ms to 40950ms in steps of 10ms, or off".
inline time_limits limits_of_time(const std::string& expects) {
  const auto after = [&](const char* word) {
    const auto at = expects.find(word);
    if (at == std::string::npos) return std::optional<duration>();
    const auto from = at + std::string_view(word).size();
    return read_time(std::string_view(expects).substr(from, expects.find_first_of(" ,", from) - from));
  };
  return {after("from ").value(), after(" to ").value(), after("steps of ").value_or(1ms)};
}

inline std::string word_maker::time_for(const argument& h) {
  constexpr std::array units{"", "s", "m", "h", "d", "ms"};
  const std::string expects = h.expects();
  if (expects.find("from ") == std::string::npos) {
    return std::to_string(100 + below(3000)) + units.at(below(units.size()));
  }
  if (expects.ends_with("or off") && below(4) == 0) return "off";
  const auto [low, high, step] = limits_of_time(expects);
  return print_time(low + static_cast<duration::rep>(below((high - low) / step + 1)) * step);
}

inline std::string word_maker::word_for(const argument& h) {
  switch (h.takes) {
    case word_kind::service:
    case word_kind::server:
    case word_kind::acl:
    case word_kind::node: return below(2) == 0 ? std::to_string(below(100)) : letters(20) + "-1.x_y";
    case word_kind::group: return std::array{"front", "back", "7"}.at(below(3));  // few, so that they meet again
    case word_kind::interface: return std::array{"eth0", "bond0.17", "wlp0s20f3:?_15b"}.at(below(3));
    case word_kind::link_address:
      return below(2) == 0 ? "192.0.2." + std::to_string(below(9)) + '/' + std::to_string(1 + below(32))
                           : "2001:db8::" + std::to_string(below(9));
    case word_kind::file: return "/var/" + letters(20);
    case word_kind::host_place:
      return place(h.expects().starts_with("HOST:PORT"), !h.expects().starts_with("HOST:PORT"));
    case word_kind::listen_place:
      return below(3) == 0 ? std::to_string(1 + below(65535))
                           : place(true, h.expects().find("path") != std::string::npos);
    case word_kind::log_place: return below(2) == 0 ? letters(20) + ".log" : place(true, true);
    case word_kind::port: return below(2) == 0 ? letters(8) : std::to_string(1 + below(65535));
    case word_kind::address: return address(below(2) == 0);
    case word_kind::network:
      return below(2) == 0 ? address(false) + '/' + std::to_string(below(33)) : std::string("2001:db8::7/64");
    case word_kind::mask: return "255.255.0.0";
    case word_kind::country: return letters(1) + letters(1);
    case word_kind::time: return time_for(h);
    case word_kind::count: return number_for(h);
    case word_kind::identifier: return std::to_string(below(1'000'000'000'000));
    case word_kind::statuses: return std::array{"2xx", "204", "200-399", "100-599"}.at(below(4));
    case word_kind::target: return '/' + letters(30);
    case word_kind::whole_command: return std::array{"servers", "service web timeout 5s", "check tcp"}.at(below(3));
    case word_kind::word:
      if (h.expects().starts_with("the mode")) return std::array{"0660", "777", "0"}.at(below(3));
      return letters(12);
    case word_kind::rest: return letters(12);
    case word_kind::choice: break;
  }
  ensure(false);
}

inline std::string word_maker::line_of(const row& r) {
  std::string line;
  const auto add = [&](const element& e) {
    if (!line.empty()) line += ' ';
    line += e.literals.empty() ? word_for(r.arguments.at(*e.fills)) : e.literals.at(below(e.literals.size()));
  };
  for (const element& e : r.fixed) add(e);
  auto parts = r.optional;
  std::shuffle(parts.begin(), parts.end(), random_);
  for (const auto& part : parts) {
    const bool mask =
        !part.front().literals.empty() ? false : r.arguments.at(*part.front().fills).takes == word_kind::mask;
    if (!mask && below(2) == 0) std::for_each(part.begin(), part.end(), add);
  }
  return line;
}

}  // namespace holdfast
