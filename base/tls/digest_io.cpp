#include "base/tls/digest_io.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/ensure.h"

namespace holdfast {

std::array<std::uint8_t, 32> hmac_sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> data) {
  std::array<std::uint8_t, 32> out{};
  unsigned size = 0;
  // HMAC() takes a null key for "the one before": an empty key needs an address too.
  const void* secret = key.empty() ? static_cast<const void*>("") : key.data();
  const auto* made =
      HMAC(EVP_sha256(), secret, static_cast<int>(key.size()), data.data(), data.size(), out.data(), &size);
  ensure(made != nullptr && size == out.size());
  return out;
}

}  // namespace holdfast
