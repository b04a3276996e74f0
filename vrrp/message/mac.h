// Hardware addresses of Ethernet.
#pragma once

#include <array>
#include <cstdint>

namespace holdfast {

using mac_address = std::array<std::uint8_t, 6>;

}  // namespace holdfast
