// Carrying out what can be carried out on values: changes of settings, and questions that settings answer. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/language/command.h"
#include "cli/reply/reply.h"

namespace holdfast {

struct refusal {
  std::string
      why;  // one sentence for the operator, without a final stop: "no server 7 in service web: give its address first"
};

// Changes `to`, or leaves it as it was and says why not: an unknown acl, server or service, a limit of settings.h, a
// feature that is not in this version. Commands that are no change leave `to` alone. A service comes into being with
// `service NAME`, with its first listener, or by being the default; a group of virtual routers with its interface.
result<void, refusal> apply(settings& to, const sentence& s);

// Why a running daemon does not take this for something about a service: there is none of that name; or there are
// services and none was said, and Pen's one is not among them. "" = it does. In a file what is said makes the service.
std::string lacks_service(const settings& now, const sentence& s);

// What a question answers, or a change that has just been applied (Pen repeats the new value). `pen` is in Pen's form.
// Not for requests.
reply answer(const settings& from, const sentence& s);

}  // namespace holdfast
