#include "cli/language/row.h"

#include "base/ensure.h"

namespace holdfast {

namespace {

// "server <server> [acl <acl>]" -> "server", "<server>", "[", "acl", "<acl>", "]"
std::vector<std::string> pieces_of(std::string_view pattern) {
  std::vector<std::string> pieces;
  bool within = false;
  for (const char c : pattern) {
    if (c == '[' || c == ']') {
      pieces.emplace_back(1, c);
      within = false;
    } else if (c == ' ') {
      within = false;
    } else {
      if (!within) pieces.emplace_back();
      pieces.back() += c;
      within = true;
    }
  }
  return pieces;
}

element element_of(const std::string& piece, std::size_t& arguments) {
  element made{.shown = piece, .literals = {}, .fills = {}};
  if (piece.front() == '<') {
    made.fills = arguments++;
    return made;
  }
  for (std::size_t from = 0; from <= piece.size();) {
    const std::size_t bar = std::min(piece.find('|', from), piece.size());
    made.literals.push_back(piece.substr(from, bar - from));
    from = bar + 1;
  }
  if (made.literals.size() > 1) made.fills = arguments++;
  return made;
}

bool is_of_group(setting_key key) { return std::holds_alternative<held_by<vrrp_settings>>(key->held); }

row_traits traits_of(setting_key key, said where, access needs) {
  const bool of_service = std::holds_alternative<held_by<service_settings>>(key->held);
  return {where, needs, of_service ? about::service : about::daemon, is_of_group(key) ? owner::vrrp : owner::balancer};
}

template <class C>
row row_about(setting_key key, std::string_view words, std::string_view sentence, row_traits traits,
              std::vector<argument> arguments = {}) {
  std::string pattern(std::is_same_v<C, say::unset> ? "no " : "");
  if (is_of_group(key)) {
    pattern += "vrrp <group> ";
    arguments.insert(arguments.begin(), fill<&C::of, group_word>());
  }
  return make_row(pattern.append(words), sentence, traits, std::move(arguments), kind_of<C>{C{.key = key}});
}

}  // namespace

row set_row(setting_key key, std::string_view words, std::string_view sentence, said where,
            std::optional<setting_form> form, argument value) {
  row made = row_about<say::set>(key, words, sentence, traits_of(key, where, access::write), {value});
  made.form = form;
  return made;
}

row show_row(setting_key key, std::string_view name) {
  return row_about<say::show>(key, name, "", traits_of(key, said::control, access::read));
}

row unset_row(setting_key key, std::string_view name, said where) {
  return row_about<say::unset>(key, name, "", traits_of(key, where, access::write));
}

row make_row(std::string_view pattern, std::string_view sentence, row_traits traits, std::vector<argument> arguments,
             command unfilled) {
  row made;
  made.pattern = pattern;
  made.sentence = sentence;
  made.where = traits.where;
  made.needs = traits.needs;
  made.of = traits.of;
  made.owns = traits.owns;
  made.arguments = std::move(arguments);
  made.says = id_of(unfilled);
  made.unfilled = std::move(unfilled);
  std::size_t used = 0;
  bool open = false;
  for (const std::string& piece : pieces_of(pattern)) {
    if (piece == "[") {
      made.optional.emplace_back();
      open = true;
    } else if (piece == "]") {
      open = false;
    } else {
      ensure(open || made.optional.empty());
      (open ? made.optional.back() : made.fixed).push_back(element_of(piece, used));
    }
  }
  ensure(!open && used == made.arguments.size() && !made.fixed.empty());
  return made;
}

}  // namespace holdfast
