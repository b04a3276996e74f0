// hfctl under the name penctl: Pen's client, its arguments, its plain answers and its exit status.
#pragma once

#include <string_view>
#include <vector>

namespace holdfast {

// arguments: without the program's name. Exit status: 0; 1 when nobody could be asked, or the answer is an error line.
// With fewer than two arguments the usage, and 0, as Pen's.
int run_penctl(const std::vector<std::string_view>& arguments);

}  // namespace holdfast
