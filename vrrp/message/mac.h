// Hardware addresses of Ethernet.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace holdfast {

using mac_address = std::array<std::uint8_t, 6>;

std::string mac_text(const mac_address& mac);  // "02:00:00:aa:bb:cc"

}  // namespace holdfast
