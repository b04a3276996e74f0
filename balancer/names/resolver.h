// Places as written to endpoints, by what is known of names: of hosts by a name_book, of ports by whoever makes it.
// Never waits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "cli/settings/settings.h"

namespace holdfast {

class name_book;

class resolver {
 public:
  // The port of a service, none: nobody knows it. See service_port_io.h.
  using port_lookup = std::optional<std::uint16_t> (*)(const std::string& service);

  // Without a book it knows literal addresses alone, without a look-up port numbers.
  explicit resolver(port_lookup ports = nullptr) : ports_(ports) {}
  explicit resolver(const name_book& known, port_lookup ports = nullptr)
      : known_(&known), ports_(ports) {}  // outlives it

  // A server: all that its name means, in the order in which they are tried; empty: the name is not known (yet). host
  // "" = any address, port "" = 0. The error is a sentence.
  result<std::vector<endpoint>, std::string> find_all(const place& where) const;

  // What needs one address now, a listener for example: the first. Not known is an error, too.
  result<endpoint, std::string> find(const place& where) const;

 private:
  result<std::uint16_t, std::string> port_of(const std::string& text) const;

  const name_book* known_ = nullptr;
  port_lookup ports_ = nullptr;
};

}  // namespace holdfast
