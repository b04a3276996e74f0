// The table as manuals. Pure; the build writes them to files.
#pragma once

#include <string>

namespace holdfast {

std::string manual_of_files();      // holdfast.conf(5)
std::string manual_of_hfctl();      // hfctl(1)
std::string manual_of_balancer();   // holdfast-balancer(8)
std::string manual_of_vrrp();       // holdfast-vrrp(8)
std::string manual_of_penlog();     // penlog(1)
std::string manual_of_penlogd();    // penlogd(1)
std::string manual_of_mergelogs();  // mergelogs(1)
std::string page_of_commands();     // docs/COMMANDS.md
std::string completion_for_bash();  // for hfctl and penctl

}  // namespace holdfast
