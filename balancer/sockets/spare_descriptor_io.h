// A descriptor held back, so that a client who has been let in gets a socket towards its server even at the file limit.
#pragma once

#include "base/descriptor_io.h"

namespace holdfast {

class spare_descriptor {
 public:
  bool ready();                    // takes one back if it was spent; false at the file limit
  void spend() { held_.reset(); }  // leaves room for one

 private:
  descriptor held_;
};

}  // namespace holdfast
