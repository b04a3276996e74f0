// What `hfctl top` shows: rates from two looks at the daemon's counters, drawn as text. Pure; knows no terminal.
#pragma once

#include <cstddef>
#include <string>

#include "cli/reply/layout.h"
#include "cli/reply/reply.h"

namespace holdfast {

// One look: the answers to `status`, `servers`, `clients` and `connections`. Tables or columns that are missing are
// shown as "-".
struct figures {
  reply status;
  reply servers;
  reply clients;
  reply connections = {};
};

struct screen_size {
  std::size_t width = 80;
  std::size_t height = 24;  // lines; 0 = as many as there are
};

// At most size.height lines of at most size.width columns, parted by '\n'. seconds: between the two looks, more than 0.
// Rates are of what both looks know; the busiest connections and clients first. Services and servers go before those
// two where room is short.
std::string draw_screen(const figures& before, const figures& now, double seconds, screen_size size, bool colour);

}  // namespace holdfast
