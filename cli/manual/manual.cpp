#include "cli/manual/manual.h"

#include <algorithm>
#include <functional>

#include "cli/language/help.h"
#include "cli/language/table.h"
#include "cli/options/log_options.h"
#include "cli/options/pen_options.h"
#include "cli/options/vrrp_options.h"

namespace holdfast {

namespace {

// A row that says what it means, and those after it that show or undo the same.
struct entry {
  const row* first;
  std::vector<const row*> others;
};

std::vector<entry> entries_of(const topic& t, const std::function<bool(const row&)>& wanted) {
  std::vector<entry> all;
  bool takes = false;
  for (const row& r : t.rows) {
    if (!r.sentence.empty()) {
      takes = wanted(r);
      if (takes) all.push_back({&r, {}});
    } else if (takes && wanted(r)) {
      all.back().others.push_back(&r);
    }
  }
  return all;
}

// Each argument with what goes into it, each once.
std::vector<std::pair<std::string, std::string>> arguments_of(const row& r) {
  std::vector<std::pair<std::string, std::string>> found;
  const auto add = [&](const element& e) {
    if (!e.fills || !e.literals.empty()) return;
    std::pair<std::string, std::string> one{e.shown, r.arguments[*e.fills].expects()};
    if (std::find(found.begin(), found.end(), one) == found.end()) found.push_back(std::move(one));
  };
  for (const element& e : r.fixed) add(e);
  for (const auto& part : r.optional) std::for_each(part.begin(), part.end(), add);
  return found;
}

std::string_view place_of(const row& r) {
  if (r.owns == owner::hfctl) return "hfctl only.";
  switch (r.where) {
    case said::file: return "Files only.";
    case said::control: return "Running daemon only.";
    case said::both: break;
  }
  return "";
}

// Text that troff takes as it is.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if (c == '|')
      out += "|\\:";  // a line may break here
    else if (out.empty() && (c == '.' || c == '\''))
      out += std::string("\\&") + c;
    else
      out += c;
  }
  return out;
}

std::string title(std::string_view name, std::string_view section, std::string_view what) {
  const std::string upper = [&] {
    std::string text(name);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return text;
  }();
  return ".TH " + upper + ' ' + std::string(section) + " \"\" \"Holdfast " HOLDFAST_VERSION "\"\n.SH NAME\n" +
         escaped(name) + " \\- " + escaped(what) + '\n';
}

std::string paragraph(std::string_view text) { return ".PP\n" + escaped(text) + '\n'; }

std::string commands_in_troff(const std::function<bool(const row&)>& wanted) {
  std::string text;
  for (const topic& t : table()) {
    const auto entries = entries_of(t, wanted);
    if (!entries.empty()) text += ".SS " + std::string(t.title) + '\n';
    for (const entry& e : entries) {
      text += ".TP\n.B " + escaped(e.first->pattern) + '\n';
      for (const row* other : e.others) text += ".TQ\n.B " + escaped(other->pattern) + '\n';
      text += escaped(e.first->sentence) + '\n';
      for (const auto& [argument, expects] : arguments_of(*e.first))
        text += ".br\n" + escaped(argument + ": " + expects) + '\n';
    }
  }
  return text;
}

std::string options_in_troff(const std::vector<option_row>& rows) {
  std::string text = "\n.SH OPTIONS\n";
  for (const option_row& o : rows) {
    text += ".TP\n.B " + escaped(shown(o)) + (o.argument.empty() ? "" : " \\fI" + escaped(o.argument) + "\\fR") + '\n' +
            escaped(o.means) + '\n';
  }
  return text;
}

constexpr std::string_view example = R"(# One service on two ports; a client meets the same server on both.
service web
listen 192.0.2.80:80
listen 192.0.2.80:443
server 0 address 10.0.1.11
server 1 address 10.0.1.12 weight 2
check http /healthz every 2s rise 2 fall 3
)";

constexpr std::string_view of_lines =
    "A file holds one command a line. Words are parted by blanks; a word that begins with # ends the line. `service "
    "NAME` in "
    "front of a command says it of that service; alone on a line, of the lines that follow; without any a command is "
    "about "
    "the service `default`, so a file of Pen is a valid file. `on NODE` in front of a command says it on that node "
    "alone, so "
    "that all nodes can hold the same file. Durations carry a unit (100ms, 2s, 5m, 1h, 1d); a bare number is seconds. "
    "The "
    "whole file is read before any of it takes effect; if anything is wrong, nothing changes.";

constexpr std::string_view of_limits_head = "At most ";

std::string limits() {
  const auto n = [](auto number) { return std::to_string(number); };
  return std::string(of_limits_head) + n(max_services) + " services; " + n(max_listeners) + " listeners and " +
         n(max_servers) + " servers a service; " + n(max_acls) + " access lists of " + n(max_acl_rules) + " rules; " +
         n(max_nodes) + " nodes; " + n(max_vrrp_groups) + " groups of " + n(max_vrrp_routers) + " virtual routers of " +
         n(max_vrrp_addresses) + " addresses; lines of " + n(max_line) + " bytes.";
}

}  // namespace

std::string manual_of_files() {
  return title("holdfast.conf", "5", "what Holdfast shall do") + ".SH DESCRIPTION\n" + escaped(of_lines) + '\n' +
         paragraph(limits()) + ".SH EXAMPLE\n.nf\n" + std::string(example) + ".fi\n.SH COMMANDS\n" +
         commands_in_troff([](const row& r) { return r.where != said::control; }) +
         ".SH SEE ALSO\n.BR holdfast\\-balancer (8),\n.BR holdfast\\-vrrp (8),\n.BR hfctl (1)\n";
}

std::string manual_of_hfctl() {
  return title("hfctl", "1", "talk to the running daemons") +
         ".SH SYNOPSIS\n.B hfctl\n[\\fIOPTION\\fR...] \\fICOMMAND\\fR\n.br\n.B hfctl top\n.br\n.B hfctl "
         "help\n[\\fIWORD\\fR]\n" +
         ".SH DESCRIPTION\n" +
         escaped(
             "Says one command to the daemons that it concerns, holdfast-balancer and holdfast-vrrp, and shows the "
             "answer; `hfctl COMMAND ?` says what may follow. Called as penctl, with the address or path of a control "
             "socket first, it behaves as Pen's penctl. A command that changes something lasts until the daemon ends; "
             "`write` makes it last.") +
         "\n.SH EXIT STATUS\n0 done, 1 refused, 2 misunderstood, 3 no daemon.\n.SH COMMANDS\n" +
         commands_in_troff([](const row& r) { return r.where != said::file; }) +
         ".SH SEE ALSO\n.BR holdfast.conf (5),\n.BR holdfast\\-balancer (8),\n.BR holdfast\\-vrrp (8)\n";
}

std::string manual_of_balancer() {
  return title("holdfast-balancer", "8", "balance TCP connections over servers") +
         ".SH SYNOPSIS\n.B holdfast\\-balancer\n[\\fIOPTION\\fR...] [[\\fIHOST\\fR:]\\fIPORT\\fR|\\fIPATH\\fR "
         "[\\fIHOST\\fR[:\\fIPORT\\fR[:\\fIMAX\\fR[:\\fIHARD\\fR[:\\fIWEIGHT\\fR[:\\fIPRIO\\fR]]]]]...]]\n" +
         ".SH DESCRIPTION\n" +
         escaped(
             "Listens on a port and hands each connection to one of the servers; a client that comes back "
             "meets the server it met before. Takes the command lines of Pen; called pen, or with --pen, it behaves as "
             "that.") +
         options_in_troff(pen_option_rows()) + ".SH SIGNALS\n" +
         escaped(
             "HUP: reopen logs and read the configuration again, in place of what holds; as pen add it to what holds. "
             "USR1: write the status. TERM: stop accepting, let connections run on for the time of --drain, end.") +
         "\n.SH SEE ALSO\n.BR holdfast.conf (5),\n.BR hfctl (1)\n";
}

std::string manual_of_vrrp() {
  return title("holdfast-vrrp", "8", "keep virtual addresses on exactly one healthy node") +
         ".SH SYNOPSIS\n.B holdfast\\-vrrp\n\\-F \\fIFILE\\fR [\\fIOPTION\\fR...]\n.SH DESCRIPTION\n" +
         escaped(
             "Speaks VRRP (RFC 9568 and RFC 3768) with the other nodes, and holds the addresses of its groups while "
             "this node is the active one and its holdfast-balancer is well. Both daemons read the same file; a file "
             "without groups gives this one nothing to do.") +
         options_in_troff(vrrp_option_rows()) + ".SH SIGNALS\n" +
         escaped(
             "HUP: read the configuration again. TERM: hand the addresses over to another node, take them off this "
             "one, end.") +
         "\n.SH SEE ALSO\n.BR holdfast.conf (5),\n.BR hfctl (1),\n.BR holdfast\\-balancer (8)\n";
}

std::string manual_of_penlog() {
  return title("penlog", "1", "send a web server's log to penlogd") +
         ".SH SYNOPSIS\n.B penlog\n[\\fIOPTION\\fR...] \\fIHOST\\fR \\fIPORT\\fR [\\fIMY_IP\\fR]\n.br\n.B penlog\n"
         "[\\fIOPTION\\fR...] \\fIPATH\\fR [\\fIMY_IP\\fR]\n.SH DESCRIPTION\n" +
         escaped(
             "Reads the lines of a web server's log from standard input and sends each to the penlogd at HOST and "
             "PORT, "
             "or at a UNIX socket. MY_IP says which of this machine's addresses the lines come from: the one that the "
             "balancer has for the server. Through a UNIX socket, which has no address, it may be any; without it the "
             "server is 127.0.0.1. TERM: what is there already is sent.") +
         ".SH EXAMPLE\n.nf\n" +
         escaped(
             "CustomLog \"|/usr/bin/penlog loghost 10000\" combined                 (Apache)\n"
             "tail -n 0 -F /var/log/nginx/access.log | penlog loghost 10000          (others)\n") +
         ".fi" + options_in_troff(penlog_option_rows()) + ".SH EXIT STATUS\n" +
         escaped("0: all is sent. 1: it did not begin; a sentence says why.") +
         "\n.SH SEE ALSO\n.BR penlogd (1),\n.BR mergelogs (1),\n.BR holdfast\\-balancer (8)\n";
}

std::string manual_of_penlogd() {
  return title("penlogd", "1", "put the logs of web servers behind a balancer together") +
         ".SH SYNOPSIS\n.B penlogd\n[\\fIOPTION\\fR...] [\\fIADDRESS\\fR:]\\fIPORT\\fR\n.SH DESCRIPTION\n" +
         escaped(
             "A web server behind a balancer logs the balancer as its client. penlogd hears of each request from the "
             "balancer (`log HOST:PORT`) and from the server (penlog), and writes the server's line with the client in "
             "place of its first field. A line that nobody is known to have asked for is written as it came.") +
         paragraph(
             "Lines are put together by server and request, in their order, each balancer's line once. Where two "
             "clients "
             "ask one server for the same at the same time, only the connection tells them apart: let the server log "
             "the "
             "balancer's address and port in front, as [ADDRESS]:PORT. With nginx: log_format paired "
             "'[$remote_addr]:$remote_port - $remote_user [$time_local] \"$request\" $status $body_bytes_sent "
             "\"$http_referer\" \"$http_user_agent\"'; with Apache: LogFormat \"[%a]:%{remote}p %l %u %t \\\"%r\\\" "
             "%>s %b\". "
             "Then clients of HTTPS that a server ends are named, too, of which the balancer sees no request.") +
         options_in_troff(penlogd_option_rows()) + ".SH SIGNALS\n" +
         escaped(
             "HUP: reopen the log. TERM: write what is there, end. USR1: say how many lines were put together, "
             "refused, "
             "and lost. The same is said at the end.") +
         "\n.SH EXIT STATUS\n" +
         escaped(
             "0: ended by a signal; in the background: it has begun; or, as Pen's has it, the command line was not "
             "understood. 1: it did not begin; a sentence says why.") +
         "\n.SH SEE ALSO\n.BR penlog (1),\n.BR mergelogs (1),\n.BR holdfast\\-balancer (8)\n";
}

std::string manual_of_mergelogs() {
  return title("mergelogs", "1", "make one log out of those of several web servers") +
         ".SH SYNOPSIS\n.B mergelogs\n\\-p \\fIFILE\\fR [\\fIOPTION\\fR...] \\fISERVER\\fR:\\fIFILE\\fR...\n.SH "
         "DESCRIPTION\n" +
         escaped(
             "Reads a balancer's log (`log FILE`) and those of the web servers behind it, and writes the servers' "
             "lines to "
             "standard output by their time, each with its client in place of its first field; a line that nobody is "
             "known "
             "to have asked for stays as it is. Times are taken in the zone that they name. SERVER is the address that "
             "the balancer has for it. With `log format paired` and [ADDRESS]:PORT in front of the servers' lines (see "
             "penlogd) clients that ask for the same at the same time are told apart.") +
         options_in_troff(mergelogs_option_rows()) + ".SH EXIT STATUS\n" +
         escaped(
             "0: done; or, as Pen's has it, the command line was not understood. 1: a file can't be read or written.") +
         "\n.SH SEE ALSO\n.BR penlogd (1),\n.BR penlog (1),\n.BR holdfast\\-balancer (8)\n";
}

std::string page_of_commands() {
  std::string text = "# Commands\n\nMade from the table of commands by `holdfast-manual commands`.\n\n" +
                     wrapped(of_lines, 0, 120) + '\n' + wrapped(limits(), 0, 120) + "\n```\n" + std::string(example) +
                     "```\n";
  for (const topic& t : table()) {
    text += "\n## " + std::string(t.title) + '\n';
    for (const entry& e : entries_of(t, [](const row&) { return true; })) {
      text += "\n    " + e.first->pattern + '\n';
      for (const row* other : e.others) text += "    " + other->pattern + '\n';
      std::string means(e.first->sentence);
      if (!place_of(*e.first).empty()) means += ' ' + std::string(place_of(*e.first));
      text += '\n' + wrapped(means, 0, 120);
      const auto arguments = arguments_of(*e.first);
      if (!arguments.empty()) text += '\n';
      for (const auto& [argument, expects] : arguments) text += "- `" + argument + "`: " + expects + '\n';
    }
  }
  return text;
}

std::string completion_for_bash() {
  return R"(# bash completion for hfctl: the words come from the program, names from the running daemon.
_hfctl() {
  local line=${COMP_LINE:0:COMP_POINT}
  mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" --complete "${line#* }" 2>/dev/null)
}
complete -o default -F _hfctl hfctl
)";
}

}  // namespace holdfast
