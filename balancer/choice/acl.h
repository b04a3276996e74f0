// Access control lists, compiled for quick verdicts.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/settings/settings.h"

namespace holdfast {

// Immutable, so any thread may ask. First match decides; no match: the opposite of the last rule's verdict; empty
// permits. A verdict costs one binary search for each different prefix length, however long the list.
class acl {
 public:
  acl() = default;
  explicit acl(const acl_rules& rules);

  // The unspecified address (a client without one) is in no network. country: what the database says of this client,
  // none if unknown or not asked (see asks_country).
  bool permits(const address& client, std::optional<country> from) const;
  bool asks_country() const { return !countries_.empty(); }

 private:
  static constexpr std::uint32_t none = ~0U;
  struct verdict {
    std::uint32_t rule;  // place in the list
    bool permit;
  };
  template <class Key>
  using sorted = std::vector<std::pair<Key, verdict>>;
  struct by_key {
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return key(a) < key(b);
    }
    template <class Key>
    static const Key& key(const std::pair<Key, verdict>& entry) {
      return entry.first;
    }
    template <class Key>
    static const Key& key(const Key& plain) {
      return plain;
    }
  };

  std::map<std::uint8_t, sorted<address>> networks_;  // by prefix length
  sorted<std::array<char, 2>> countries_;
  bool unmatched_ = true;
};

using acl_lists = std::map<std::string, acl_rules>;

// All lists of some settings, compiled, by name.
class acl_table {
 public:
  acl_table() = default;

  // A list that says what it said in `former` is taken from `compiled`, which was made of those: 100,000 rules take
  // long to compile.
  acl_table(const acl_lists& wanted, const acl_lists& former, const acl_table& compiled);

  // Never null: a name without rules permits all.
  const std::shared_ptr<const acl>& find(const std::string& name) const;

 private:
  std::map<std::string, std::shared_ptr<const acl>> lists_;
  std::shared_ptr<const acl> everybody_ = std::make_shared<const acl>();
};

}  // namespace holdfast
