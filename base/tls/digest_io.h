// HMAC-SHA256 by OpenSSL, as a plain function that pure code can be given.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace holdfast {

// RFC 2104 with SHA-256, whole. Any thread. OpenSSL without SHA-256, or without memory, aborts.
std::array<std::uint8_t, 32> hmac_sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> data);

}  // namespace holdfast
