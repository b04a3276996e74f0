// Settings that commands are said to.
#pragma once

#include <gtest/gtest.h>

#include "cli/configuration/apply.h"
#include "cli/language/grammar.h"

namespace holdfast {

struct operated {
  settings now;

  // "" = done, else why not; then nothing may have changed.
  std::string say(std::string_view line, source from = source::file) {
    const auto s = parse(line, from);
    if (!s) return s.error().text();
    const settings before = now;
    const auto done = apply(now, *s);
    EXPECT_TRUE(done || now == before) << line;
    return done ? "" : done.error().why;
  }

  service_settings& service(const std::string& name = default_service) { return now.services.at(name); }
  vrrp_settings& group(const std::string& name = "front") { return now.vrrp.at(name); }
};

}  // namespace holdfast
