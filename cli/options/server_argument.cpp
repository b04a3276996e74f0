#include "cli/options/server_argument.h"

#include <vector>

#include "cli/language/words.h"

namespace holdfast {

namespace {

std::vector<std::string_view> fields_of(std::string_view text) {
  std::vector<std::string_view> fields;
  for (;;) {
    const auto bracket = text.starts_with('[') ? text.find(']') : 0;
    const auto colon = bracket == text.npos ? text.npos : text.find(':', bracket);
    fields.push_back(text.substr(0, colon));
    if (colon == text.npos) return fields;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

result<say::change_server, std::string> read_server_argument(std::string name, std::string_view text) {
  say::change_server made;
  made.name = std::move(name);
  const auto fields = fields_of(text);
  made.address = host_word::read(is_path(text) ? text : fields[0]);
  if (!made.address) return failure{host_word::expects()};
  if (is_path(text)) return made;
  if (fields.size() > 6) return failure{"HOST[:PORT[:MAX[:HARD[:WEIGHT[:PRIO]]]]], IPv6 in brackets"};
  if (fields.size() > 1 && !fields[1].empty()) {
    if (!is_port_or_zero(fields[1]) || fields[1] == "0") return failure{port_word::expects()};
    made.port = std::string(fields[1]);
  }
  using amount_word = count_word<0, max_of_server>;
  std::optional<std::uint32_t>* const amounts[] = {&made.max, &made.hard, &made.weight, &made.prio};
  for (std::size_t i = 2; i < fields.size(); ++i) {
    if (fields[i].empty()) continue;
    *amounts[i - 2] = amount_word::read(fields[i]);
    if (!*amounts[i - 2]) return failure{amount_word::expects()};
  }
  return made;
}

}  // namespace holdfast
