// Of command.h: what its kinds take part in, half of the time that it takes to compile; the rest is in command.cpp.
#include "cli/language/command.h"

namespace holdfast {

template struct one_of<say::changes>;
template struct one_of<say::balancer_requests>;
template struct one_of<say::cluster_requests>;
template struct one_of<say::vrrp_requests>;
template struct one_of<say::procedures>;

}  // namespace holdfast
