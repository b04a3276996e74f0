#include "vrrp/agent/keys_io.h"

#include <sys/stat.h>

#include <cstring>

#include "base/tls/digest_io.h"
#include "cli/configuration/files_io.h"
#include "vrrp/election/tempo.h"

namespace holdfast {

result<hmac_policy, std::string> hmac_of(const vrrp_settings& g) {
  hmac_policy made{.mode = g.hmac,
                   .keys = {},
                   .signs_with = g.hmac_id,
                   .window = hmac_window(slowest_interval(g.interval)),
                   .mac = &hmac_sha256};
  if (g.hmac == hmac_mode::off) return made;
  auto text = read_whole_file(g.hmac_key);
  if (!text) return text.error();
  struct stat about{};
  if (::stat(g.hmac_key.c_str(), &about) == 0 && (about.st_mode & 077U) != 0) {
    return g.hmac_key + ": expected a file that only its owner can read or write (mode 0600)";
  }
  auto key = hmac_key::parse(g.hmac_id, *text);
  explicit_bzero(text->data(), text->size());
  if (!key) return g.hmac_key + ": expected a key of 32 to 64 bytes, or `hex:` and its digits";
  made.keys.push_back(std::move(*key));
  return made;
}

findings refusals(const settings& wanted) {
  findings found;
  for (const auto& [name, group] : wanted.vrrp) {
    if (const auto hmac = hmac_of(group); !hmac) {
      found.push_back({severity::refuses, "vrrp " + name + " auth", "group " + name + ": " + hmac.error()});
    }
  }
  return found;
}

}  // namespace holdfast
