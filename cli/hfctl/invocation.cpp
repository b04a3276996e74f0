#include "cli/hfctl/invocation.h"

#include <array>
#include <charconv>
#include <optional>

#include "cli/language/words.h"
#include "cli/reply/human.h"

namespace holdfast {

namespace {

constexpr std::array options{"--count",  "--help",    "--json",    "--once", "--run-dir",
                             "--socket", "--timeout", "--version", "--wait"};
constexpr std::uint32_t count_most = 1'000'000;

sockets sockets_in(std::string_view directory) {
  const std::string in = std::string(directory) + '/';
  return {in + std::string(control_socket_name), in + std::string(agent_socket_name)};
}

// Reads the arguments one by one; the first fault stays.
class reader {
 public:
  explicit reader(const std::vector<std::string_view>& arguments) : arguments_(arguments) {
    out_.at = sockets_in(default_run_dir);
  }

  result<invocation, std::string> read() {
    bool words_only = false;
    for (; at_ < arguments_.size() && fault_.empty(); ++at_) {
      const std::string_view word = arguments_[at_];
      if (words_only || (!word.starts_with("--") && word != "-h")) {
        words_.push_back(word);
      } else if (word == "--") {
        words_only = true;
      } else {
        option(word);
      }
    }
    finish();
    if (!fault_.empty()) return fault_;
    return out_;
  }

 private:
  void option(std::string_view word) {
    const auto equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    given_ = equals == word.npos ? std::nullopt : std::optional(word.substr(equals + 1));
    if (name == "--json") {
      out_.json = true;
    } else if (name == "--version") {
      out_.what = task::version_text;
    } else if (name == "--help" || name == "-h") {
      out_.what = task::usage_text;
    } else if (name == "--once") {
      count_ = 1;
    } else if (name == "--count") {
      count_ = number(value(name, "a number of screens"));
    } else if (name == "--timeout") {
      timeout_ = value(name, "a duration");
    } else if (name == "--wait") {  // of `server N drain`
      words_.push_back("wait");
    } else if (name == "--socket") {
      std::string one(value(name, "the path of a control socket"));
      if (one.find_first_of("/:") == std::string::npos) one.insert(0, "./");
      out_.at = {std::move(one), ""};
    } else if (name == "--run-dir") {
      out_.at = sockets_in(value(name, "a directory"));
    } else if (name == "--complete") {
      out_.what = task::completion;
      line_ = value(name, "a line");
    } else {
      fault_ = "unknown option " + std::string(word) +
               "; expected --json, --socket, --run-dir, --timeout, --wait, --once, --count, --help" + " or --version";
    }
  }

  std::string_view value(std::string_view name, std::string_view expected) {
    if (given_) return *given_;
    if (at_ + 1 < arguments_.size()) return arguments_[++at_];
    fault_ = std::string(name) + ": expected " + std::string(expected);
    return {};
  }

  std::uint32_t number(std::string_view text) {
    std::uint32_t n = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
    const bool whole = failed == std::errc{} && end == text.data() + text.size();
    if (!whole || n == 0 || n > count_most)
      fault_ = "--count: expected a number from 1 to " + std::to_string(count_most);
    return n;
  }

  void finish() {
    if (out_.what == task::completion) return complete_after_options();
    for (const std::string_view word : words_) out_.line.append(out_.line.empty() ? "" : " ").append(word);
    if (timeout_ && fault_.empty()) take_timeout(*timeout_);
    if (out_.what != task::one_command) return;
    if (out_.line == "top") {
      out_.what = task::live_screen;
      out_.count = count_.value_or(0);
    } else if (count_ && fault_.empty()) {
      fault_ = "--once and --count belong to `top`";
    } else if (words_.empty()) {
      out_.what = task::usage_text;
    }
  }

  // `cluster wait-synced` and `drain wait` have times of their own: a script looks for an option there, too.
  void take_timeout(std::string_view text) {
    if (out_.line.ends_with("wait-synced") || out_.line.ends_with(" drain wait")) {
      out_.line.append(" timeout ").append(text);
      return;
    }
    const auto time = read_time(text);
    if (!time || *time == duration::zero()) {
      fault_ = "--timeout: expected a duration such as 30, 2s or 100ms";
      return;
    }
    out_.patience = std::chrono::ceil<std::chrono::milliseconds>(*time);
  }

  // The shell hands over all that was typed: `--run-dir DIR ser` completes `ser` with names from DIR.
  void complete_after_options() {
    const auto take_word = [this] {
      const std::string_view word = line_.substr(0, line_.find(' '));
      line_.remove_prefix(std::min(line_.find_first_not_of(' ', word.size()), line_.size()));
      return word;
    };
    while (line_.starts_with("--") && line_.find(' ') != line_.npos) {
      const std::string_view name = take_word();
      if (name != "--socket" && name != "--run-dir") continue;
      if (line_.find(' ') == line_.npos) {
        line_ = "/";  // the path is still being typed, and no word of ours begins so
        break;
      }
      out_.at = name == "--socket" ? sockets{std::string(take_word()), ""} : sockets_in(take_word());
    }
    out_.line = line_;
  }

  const std::vector<std::string_view>& arguments_;
  std::size_t at_ = 0;
  std::optional<std::string_view> given_;  // value after '=' of the option at hand
  std::vector<std::string_view> words_;
  std::string_view line_;
  std::optional<std::uint32_t> count_;
  std::optional<std::string_view> timeout_;
  invocation out_;
  std::string fault_;
};

}  // namespace

result<invocation, std::string> parse_invocation(const std::vector<std::string_view>& arguments) {
  return reader(arguments).read();
}

std::vector<std::string> options_beginning(std::string_view word) {
  std::vector<std::string> out;
  for (const std::string_view option : options) {
    if (option.starts_with(word)) out.emplace_back(option);
  }
  return out;
}

std::string_view usage() {
  return "usage: hfctl [--json] [--socket PATH | --run-dir DIR] [--timeout TIME] COMMAND...\n"
         "       hfctl [--socket PATH | --run-dir DIR] top [--once | --count N]\n"
         "       hfctl help [WORD]\n"
         "\n"
         "Says COMMAND to the daemons that it concerns, holdfast-balancer and holdfast-vrrp, and prints the answer: "
         "for a\n"
         "person, or with --json for a program. With --socket all is said there.\n"
         "`hfctl help` has the commands of every day, `hfctl help all` all; `hfctl COMMAND ?` says what may follow.\n"
         "A daemon has 1 s for an answer, 10 s or 60 s where there is more to do, or TIME.\n"
         "Exit status: 0 done, 1 refused, 2 not understood, 3 no daemon, or none that answers.\n";
}

std::string marked(std::string_view line, std::size_t column, std::string_view why) {
  const std::size_t before = columns_of(line.substr(0, column > 0 ? column - 1 : 0));
  return printable(line) + '\n' + std::string(before, ' ') + "^ " + printable(why);
}

}  // namespace holdfast
