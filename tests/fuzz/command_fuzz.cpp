// A line of a control socket or a file: whatever is understood prints to a line that means the same.
#include <cstdint>
#include <string_view>

#include "base/ensure.h"
#include "cli/configuration/apply.h"
#include "cli/language/complete.h"
#include "cli/language/grammar.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  complete(line, {});
  what_follows(line);
  for (const source from : {source::file, source::control}) {
    const auto s = parse(line, from);
    if (!s) {
      ensure(s.error().column >= 1 && !s.error().expected.empty());
      continue;
    }
    const auto again = parse(print(*s), from);
    ensure(again && *again == *s);
    settings now;
    if (apply(now, *s)) answer(now, *s);
  }
  return 0;
}
