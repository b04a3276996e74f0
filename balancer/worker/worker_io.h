// One worker: a thread with its own edge-triggered epoll loop, its own listeners (SO_REUSEPORT), flows and timers.
// Everything it is told arrives as a value in its mailbox; everything it tells leaves as a report.
#pragma once

#include <functional>
#include <memory>

#include "balancer/flow/worker_messages.h"
#include "balancer/sockets/descriptor_budget.h"

namespace holdfast {

class worker {
 public:
  // report: called on the worker's thread; must not block (it pushes into a bounded queue). False = full: counted,
  // dropped. files: shared by all workers, outlives them.
  worker(unsigned number, std::function<bool(worker_report&)> report, descriptor_budget& files);
  ~worker();  // stops and joins
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  // Any thread. Orders are carried out in order. The mailbox holds 4096; false = full. Never waits.
  bool post(worker_order order);

  // The same, for what must not get lost: there is always room. As many as settings make at once.
  void tell(worker_order order);

  // Any thread: replies that wait may go out by now.
  void nudge();
  const worker_live& live() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace holdfast
