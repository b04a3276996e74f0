// A configuration file: whatever loads is written as a file that loads to the same, in Pen's words, too.
#include <cstdint>
#include <string_view>

#include "base/ensure.h"
#include "cli/configuration/config.h"
#include "cli/configuration/pen_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const file_reader read = [&](const std::string& path) -> result<std::string, std::string> {
    if (path.ends_with(".inc")) return {boost::system::in_place_value, "service inner\nhash\n"};
    return failure{"no such file"};
  };
  auto made = load_config_text(text, "/etc/fuzz.conf", "lb1", read);
  if (!made) {
    ensure(!made.error().text().empty());
    return 0;
  }
  made->to_disable.clear();  // done once, and not written
  const auto again = load_config_text(write_config(*made), "/etc/fuzz.conf", "lb1", read);
  ensure(again && *again == *made);
  if (!is_pens(*made)) return 0;
  const auto back = load_config_text(write_pen_config(*made, {}, {}, ""), "/etc/fuzz.conf", "lb1", read);
  ensure(back && *back == *made);
  return 0;
}
