// `hfctl top`: asks the daemon once a second and shows what moves.
#pragma once

#include "cli/hfctl/invocation.h"

namespace holdfast {

// On a terminal a full screen until `q` or a signal, or until what.count screens have been shown; elsewhere (and with
// a count of 1) plain text, a screen after the other. The exit status: 0, or 3 when there is no daemon to begin with.
int show_top(const invocation& what, bool colour);

}  // namespace holdfast
