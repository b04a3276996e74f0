// One random life, from a seed; each program of this folder has its own:
//   sim       a service (random_story.cpp): settings, failures, clients, reloads; then all is well again, and must be
//   sim_vrrp  nodes that agree on who is active (vrrp_story.cpp): cuts, crashes, sleep; then exactly one is active
//   sim_sync  their client tables (sync_story.cpp); then all know the same
//   sim_change  changes on all nodes or on none (change_story.cpp); then nobody has what was refused
//   sim_pair  both together (pair_story.cpp): nobody takes the place of a node whose clients it does not know
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace holdfast::sim {

// What went wrong, "" if nothing did. say: is told each thing that happens, may be empty.
std::string live(std::uint64_t seed, const std::function<void(const std::string&)>& say);

}  // namespace holdfast::sim
