// The only place that reads the clock.
#pragma once

#include <cstdint>

#include "base/machine.h"

namespace holdfast {

instant monotonic_now();
instant coarse_now();  // the same clock some milliseconds late at most (a kernel tick), for a fraction of the price
wall_time wall_now();
std::uint64_t wall_ms();  // milliseconds since 1970; late by a kernel tick at most, as coarse_now() is

}  // namespace holdfast
