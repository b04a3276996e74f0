#include "cli/hfctl/bare_words.h"

namespace holdfast {

namespace {

bool is_bare(const say::change& what) {
  const auto* set = std::get_if<say::set>(&what);
  return set != nullptr && is_none(set->value);
}

bool closes_all(const say::change& what) {
  const auto* closed = std::get_if<say::remove_listener>(&what);
  return closed != nullptr && !closed->where;
}

}  // namespace

result<std::string, misunderstanding> spelled_out(std::string_view line, const sentence& said) {
  if (const auto* all = std::get_if<say::cluster_request>(&said.what)) {
    const auto* told = std::get_if<say::on_all_nodes>(all);
    const auto inner =
        told == nullptr ? result<sentence, misunderstanding>(misunderstanding{}) : parse(told->text, source::control);
    if (!inner) return std::string(line);
    const std::size_t before = line.size() - std::min(line.size(), told->text.size());
    auto spelled = spelled_out(told->text, *inner);
    if (!spelled) return misunderstanding{spelled.error().column + before, spelled.error().expected};
    if (*spelled == told->text) return std::string(line);
    return print(sentence{said.service, said.node, say::cluster_request(say::on_all_nodes{*spelled})});
  }
  const auto* change = std::get_if<say::change>(&said.what);
  if (change == nullptr) return std::string(line);
  if (closes_all(*change)) {
    return misunderstanding{line.size() + 2, "the place to listen at no more: `listen` shows them"};
  }
  if (!is_bare(*change)) return std::string(line);
  return print(sentence{said.service, said.node, say::question(say::show_setting{print(*change)})});
}

}  // namespace holdfast
