// From which country a client comes: a MaxMind DB file, through libmaxminddb.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/address.h"
#include "base/result.h"
#include "cli/settings/settings.h"

namespace holdfast {

// Immutable once loaded, so any thread may ask.
class country_database {
 public:
  // Reads the whole file's structure; a damaged or missing one is refused with a sentence.
  static result<std::shared_ptr<const country_database>, std::string> load(const std::string& path);
  ~country_database();
  country_database(const country_database&) = delete;
  country_database& operator=(const country_database&) = delete;

  // None when the database does not know, or is damaged where it would. A few hundred nanoseconds, no allocation.
  std::optional<country> lookup(const address& client) const;

 private:
  struct impl;
  explicit country_database(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace holdfast
