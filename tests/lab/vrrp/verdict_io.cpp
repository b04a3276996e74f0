#include <algorithm>
#include <cstdio>

#include "tests/lab/vrrp/judge.h"

namespace holdfast::lab {

adverts_heard of_family(const adverts_heard& all, bool six) {
  adverts_heard some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some), [&](const advert_heard& a) { return a.six == six; });
  return some;
}

adverts_heard between(const adverts_heard& all, instant from, instant to) {
  adverts_heard some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some),
               [&](const advert_heard& a) { return a.when >= from && a.when <= to; });
  return some;
}

std::set<std::string> actives(const adverts_heard& all) {
  std::set<std::string> names;
  for (const advert_heard& a : all)
    if (a.priority != 0) names.insert(a.port);
  return names;
}

std::optional<instant> last_split(const adverts_heard& all, duration window) {
  std::optional<instant> last;
  const advert_heard* before = nullptr;
  for (const advert_heard& a : all) {
    if (a.priority == 0) {
      before = nullptr;  // who takes over after a farewell does so rightly
      continue;
    }
    if (before != nullptr && before->port != a.port && a.when - before->when <= window) last = a.when;
    before = &a;
  }
  return last;
}

duration longest_silence(const adverts_heard& all, instant from, instant to) {
  duration longest{};
  instant last = from;
  for (const advert_heard& a : all) {
    if (a.priority == 0 || a.when < from || a.when > to) continue;
    longest = std::max(longest, a.when - last);
    last = a.when;
  }
  return std::max(longest, to - last);
}

std::optional<advert_heard> first_of(const adverts_heard& all, const std::string& port, instant after) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const advert_heard& a) {
    return a.port == port && a.when >= after && a.priority != 0;
  });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

bool said_farewell(const adverts_heard& all, const std::string& port) {
  return std::any_of(all.begin(), all.end(), [&](const advert_heard& a) { return a.port == port && a.priority == 0; });
}

std::string text_of(const adverts_heard& all, instant zero, std::size_t most) {
  std::string text;
  const std::size_t first = all.size() > most ? all.size() - most : 0;
  for (std::size_t i = first; i < all.size(); ++i) {
    const advert_heard& a = all[i];
    std::array<char, 200> line{};
    std::snprintf(line.data(), line.size(), "%9.1f ms  %-8s v%d priority %3d interval %4.0f ms from %s\n",
                  static_cast<double>((a.when - zero).count()) / 1e6, a.port.c_str(), a.version, a.priority,
                  static_cast<double>(a.interval.count()) / 1e6, a.source.text().c_str());
    text += line.data();
  }
  return text;
}

}  // namespace holdfast::lab
