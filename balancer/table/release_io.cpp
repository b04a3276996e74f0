#include "balancer/table/release_io.h"

#include <csignal>
#include <system_error>
#include <thread>

namespace holdfast {

void run_elsewhere(const std::function<void()>& what) {
  try {
    std::thread([what] {
      sigset_t all;
      sigfillset(&all);
      pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are for the control thread
      what();
    }).detach();
  } catch (const std::system_error&) {
    what();
  }
}

}  // namespace holdfast
