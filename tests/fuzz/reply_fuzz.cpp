// Answers on the wire: any bytes are refused, or become an answer whose every rendering is fit for its reader.
#include <boost/json/parse.hpp>

#include <cstdint>
#include <string>

#include "base/ensure.h"
#include "cli/control/control_request.h"
#include "cli/reply/human.h"
#include "cli/reply/reply.h"
#include "cli/screen/screen.h"

namespace {

using namespace holdfast;

void check_terminal(const std::string& text) {
  ensure(printable(text, true) == text);
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = text.substr(start, end - start);
    ensure(printable(line) == line);
    start = end + 1;
  }
}

void check_reply(const reply& r) {
  ensure(parse_wire(render_wire(r)).has_value());
  check_terminal(render_text(r, false));
  boost::json::error_code failed;
  boost::json::parse(render_objects(r), failed);
  ensure(!failed);
  const std::string screen = draw_screen({r, r, r}, {r, r, r}, 1.0, {.width = 60, .height = 20}, false);
  check_terminal(screen);
  ensure(columns_of(screen) <= 61 * 20);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto r = parse_wire(bytes)) check_reply(*r);
  check_terminal(printable(bytes, false));
  check_terminal(render_pen(refused(std::string(bytes))));
  ensure(parse_wire(render_wire(refused(std::string(bytes)))).has_value());
  const asked what = take_apart(bytes);
  ensure(what.command.size() <= bytes.size());
  return 0;
}
