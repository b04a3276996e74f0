// A command line of Pen, a word a line: it is refused with a sentence, or it is settings that a file can hold.
#include <cstdint>
#include <string_view>

#include "base/ensure.h"
#include "cli/configuration/config.h"
#include "cli/options/pen_options.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const file_reader read = [&](const std::string& path) -> result<std::string, std::string> {
    if (path.ends_with(".inc")) return {boost::system::in_place_value, "blacklist 7\nacl 1 permit 192.0.2.0/24\n"};
    return failure{"no such file"};
  };
  const bool called_pen = text.starts_with("pen\n");
  if (called_pen) text.remove_prefix(4);
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const auto made = parse_pen_options(words, {.called_pen = called_pen, .host = "lb1", .read = read});
  if (!made) {
    ensure(!made.error().empty());
    return 0;
  }
  const auto again = load_config_text(write_config(made->base), "/etc/fuzz.conf", "lb1", read);
  ensure(again && *again == made->base);
  const auto hung_up = add_config("x.inc", "lb1", read, made->base);
  ensure(hung_up.has_value() || !hung_up.error().text().empty());
  return 0;
}
