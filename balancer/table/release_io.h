// For what is so large that the system takes a while to take it back: it is destroyed by a thread of its own, so that
// neither a worker nor the control thread stands still, whoever had it last.
#pragma once

#include <functional>
#include <memory>

namespace holdfast {

// On a thread of its own, which nobody waits for; here, if the system has none to give.
void run_elsewhere(const std::function<void()>& what);

template <class T>
std::shared_ptr<T> released_elsewhere(std::unique_ptr<T> what) {
  return std::shared_ptr<T>(what.release(), [](T* gone) { run_elsewhere([gone] { delete gone; }); });
}

}  // namespace holdfast
