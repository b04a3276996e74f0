// The only place that reads the clock.
#pragma once

#include <cstdint>
#include <string>

#include "base/machine.h"

namespace holdfast {

instant monotonic_now();
instant coarse_now();  // the same clock some milliseconds late at most (a kernel tick), for a fraction of the price
wall_time wall_now();
wall_time coarse_wall_now();    // likewise
std::string local_time_text();  // of wall_now(): "2026-01-01 00:00:00", where this machine is

// Milliseconds since 1970 by the wall clock as it was when this was first asked, and evenly from then on: setting the
// clock changes nothing. What is plainly wrong (before 2005, after 2248) is taken to the nearer of these. Late by a
// kernel tick at most, as coarse_now() is.
std::uint64_t steady_ms();

}  // namespace holdfast
