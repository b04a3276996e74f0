// tshark's opinion of the adverts in a capture: a decoder that we have not written.
#pragma once

#include <string>
#include <vector>

#include "base/address.h"
#include "tests/lab/lab.h"

namespace holdfast::lab {

struct advert_decoded {
  address source;
  int hop_limit = 0, version = 0, vrid = 0, priority = 0;
  int interval = 0;  // centiseconds; in version 2 seconds
  std::vector<address> addresses;
  bool checksum_good = false;  // of a version 3 advert in IPv4: with or without the pseudo-header
  bool complete = false;       // nothing is wrong with its form
};

// In the order of the capture. Throws when tshark fails.
std::vector<advert_decoded> decode(const host& where, const std::filesystem::path& capture);

}  // namespace holdfast::lab
