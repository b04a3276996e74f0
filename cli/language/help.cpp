#include "cli/language/help.h"

#include <algorithm>
#include <vector>

#include "base/ensure.h"
#include "cli/language/table.h"

namespace holdfast {

namespace {

constexpr std::size_t pattern_width = 34;

struct daily_topic {
  std::string_view title;
  std::vector<std::string_view> patterns;  // of rows
};
const std::vector<daily_topic> daily{
    {"What there is",
     {"status", "servers", "clients [recent <time>] [limit <clients>]", "client <address>",
      "connections [server <server>] [client <address>] [older <time>] [limit <connections>]", "show config"}},
    {"Servers (with several services: `service NAME` in front)",
     {"server <server> drain for <time>", "server <server> drain wait [timeout <time>]", "close server <server>",
      "client <address> pin <server>"}},
    {"The configuration", {"reload", "write [<file>]"}},
    {"The cluster",
     {"cluster", "cluster switchover [<group>] [to <node>]", "cluster drill [<group>] [probe <place>]",
      "cluster wait-synced [timeout <time>]", "vrrp", "events [<count>]"}}};

const row& row_with(std::string_view pattern) {
  for (const topic& t : table()) {
    const auto found = std::find_if(t.rows.begin(), t.rows.end(), [&](const row& r) { return r.pattern == pattern; });
    if (found != t.rows.end()) return *found;
  }
  ensure(false);
  return table().front().rows.front();
}

bool may_be_said(const row& r, source where) {
  return r.where == said::both || (r.where == said::file) == (where == source::file);
}

bool has_word(const row& r, std::string_view word) {
  const auto has = [&](const element& e) {
    return std::find(e.literals.begin(), e.literals.end(), word) != e.literals.end();
  };
  return std::any_of(r.fixed.begin(), r.fixed.end(), has) ||
         std::any_of(r.optional.begin(), r.optional.end(), [&](const auto& part) { return has(part.front()); });
}

// "  <acl>: the number or name of an acl" for each argument, each once.
std::string explain_arguments(const row& r) {
  std::string text;
  const auto explain = [&](const element& e) {
    if (!e.fills || !e.literals.empty()) return;
    const std::string line = wrapped(e.shown + ": " + r.arguments[*e.fills].expects(), 6);
    if (text.find(line) == text.npos) text += line;
  };
  for (const element& e : r.fixed) explain(e);
  for (const auto& part : r.optional) std::for_each(part.begin(), part.end(), explain);
  return text;
}

std::string overview_line(const row& r) {
  std::string line = "  " + r.pattern;
  const std::string_view means = first_sentence(meaning(r));
  if (line.size() + 2 > pattern_width) return line + '\n' + wrapped(means, pattern_width);
  return line + wrapped(means, pattern_width).substr(line.size());
}

}  // namespace

const std::vector<term>& glossary() {
  static const std::vector<term> all{
      {"active", "A node that has the addresses of a group. The others are its backups."},
      {"blacklisted",
       "A server that a connect has failed at: no new clients for the time of `blacklist`, or until a check "
       "passes."},
      {"blind",
       "A backup that hears no adverts, though the active node and its agent answer otherwise: protocol 112 is "
       "lost on the way. It stays backup; let 112 through, or use `vrrp GROUP peer`."},
      {"confirm",
       "A new client's first answer waits, 20 ms at most, until another node knows of its server: `sync "
       "confirm`."},
      {"degraded",
       "A node that could serve but poorly, for its balancer has no listener or no server is alive: it is "
       "active only if nobody fit is there."},
      {"fault", "A node that can't serve: no balancer, no carrier, no address of its own. It leaves the election."},
      {"fitness", "Whether a node can serve: fit, degraded or fault. `vrrp` shows it, and why."},
      {"held", "How long a node that has become active too often does not preempt. `vrrp take` ends it."},
      {"lease",
       "How long the kernel keeps the addresses of a group should the agent not renew them: `vrrp GROUP lease`."},
      {"patience",
       "How long an agent waits for a heartbeat of its balancer before that counts as hung: `vrrp GROUP "
       "patience`."},
      {"standby",
       "A node that waits: told so by `vrrp standby`, it is a backup that does not preempt until `vrrp take`."},
      {"wire",
       "The connection between the agents of two nodes, at the port above that of their `node` lines: by it a death "
       "is noticed at once. `vrrp GROUP wire`."}};
  return all;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string lines;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column > 0 && column + 1 + word.size() > width) {
      lines += '\n';
      column = 0;
    }
    const std::size_t gap = column == 0 ? indent : 1;
    lines.append(gap, ' ');
    lines += word;
    column += gap + word.size();
  }
  return lines + '\n';
}

std::string_view first_sentence(std::string_view text) {
  const auto stop = text.find(". ");
  return stop == text.npos ? text : text.substr(0, stop + 1);
}

std::string_view meaning(const row& r) {
  if (!r.sentence.empty()) return r.sentence;
  return r.needs == access::read ? "Show it." : "Undo it.";
}

std::string help_daily() {
  std::string text;
  for (const auto& [title, patterns] : daily) {
    text += (text.empty() ? "" : "\n") + std::string(title) + '\n';
    for (const std::string_view pattern : patterns) text += overview_line(row_with(pattern));
  }
  return text +
         "\n`hfctl top` shows all of it, live. `hfctl help all` lists every command, `hfctl help WORD` explains a "
         "word,\n`hfctl COMMAND ?` says what may follow.\n";
}

std::string help_overview(source where) {
  std::string text;
  for (const topic& t : table()) {
    std::string lines;
    for (const row& r : t.rows) {
      if (may_be_said(r, where) && !r.sentence.empty()) lines += overview_line(r);
    }
    if (!lines.empty()) text += (text.empty() ? "" : "\n") + std::string(t.title) + '\n' + lines;
  }
  return text;
}

std::string help_on(std::string_view word) {
  std::string text;
  for (const topic& t : table()) {
    for (const row& r : t.rows) {
      if (!has_word(r, word)) continue;
      text += (text.empty() ? "" : "\n") + wrapped(r.pattern, 0);
      text += wrapped(meaning(r), 4);
      text += explain_arguments(r);
    }
  }
  for (const term& t : glossary()) {
    if (t.word == word) text += (text.empty() ? "" : "\n") + std::string(t.word) + '\n' + wrapped(t.meaning, 4);
  }
  return text;
}

std::string help_text(const std::optional<std::string>& word) {
  if (!word) return help_daily();
  if (*word != "all") return help_on(*word);
  return help_overview(source::control) + "\nThe words of a setting alone show it, and `no` in front undoes it.\n";
}

}  // namespace holdfast
