#include "cli/language/command.h"

#include <memory>

namespace holdfast {

template <class List>
one_of<List>::one_of() = default;
template <class List>
one_of<List>::one_of(const one_of&) = default;
template <class List>
one_of<List>::one_of(one_of&&) noexcept = default;
template <class List>
one_of<List>& one_of<List>::operator=(one_of other) noexcept {
  std::destroy_at(this);  // and made anew: a fifth less to compile than what std::variant does
  return *std::construct_at(this, std::move(other));
}
template <class List>
one_of<List>::~one_of() = default;
template <class List>
bool one_of<List>::operator==(const one_of& other) const {
  const alternatives &mine = *this, &others = other;
  return mine == others;
}

template struct one_of<say::changes>;
template struct one_of<say::questions>;
template struct one_of<say::common_requests>;
template struct one_of<say::balancer_requests>;
template struct one_of<say::cluster_requests>;
template struct one_of<say::vrrp_requests>;
template struct one_of<say::procedures>;
template struct one_of<commands>;

const std::string& sentence::of_service() const {
  static const std::string unsaid = default_service;
  return service.empty() ? unsaid : service;
}

}  // namespace holdfast
