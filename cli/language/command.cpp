#include "cli/language/command.h"

namespace holdfast {

template struct one_of<say::questions>;
template struct one_of<say::common_requests>;
template struct one_of<commands>;

const std::string& sentence::of_service() const {
  static const std::string unsaid = default_service;
  return service.empty() ? unsaid : service;
}

}  // namespace holdfast
