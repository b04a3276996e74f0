#include "vrrp/message/fitness.h"

namespace holdfast {

std::string_view name_of(fitness f) {
  switch (f) {
    case fitness::fit: return "fit";
    case fitness::degraded: return "degraded";
    case fitness::fault: return "fault";
  }
  return "";
}

}  // namespace holdfast
