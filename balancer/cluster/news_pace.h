// How long the sync thread rests after it has told its peers of clients. A message for every client would cost as much
// as the client. So after each message it rests, the longer the more were in it: where few come, each is told at once;
// where many come, many at a time. Nobody who wakes us meanwhile pays for it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/machine.h"

namespace holdfast {

// Below 1 s / rest_a_client clients a second each is told alone.
inline constexpr duration rest_a_client = std::chrono::microseconds(200);
inline constexpr duration rest_most = std::chrono::milliseconds(2);

// told: clients in the message, to the peer that was told most.
constexpr duration rest_after(std::uint64_t told) {
  constexpr auto enough = static_cast<std::uint64_t>(rest_most / rest_a_client);
  return rest_a_client * static_cast<duration::rep>(std::min(told, enough));
}

}  // namespace holdfast
