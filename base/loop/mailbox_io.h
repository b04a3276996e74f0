// A bounded queue between threads with a bell: the reader waits for a descriptor to become readable, on whatever loop
// it has.
#pragma once

#include <atomic>

#include "base/descriptor_io.h"
#include "base/ring.h"

namespace holdfast {

// Rung by any thread, heard by one. However often it is rung before it is heard, that is one system call.
class bell {
 public:
  bell();  // throws std::system_error
  void ring();
  void hear();                          // before looking at what was rung for, so that nothing is missed
  int fd() const { return fd_.get(); }  // readable while rung

 private:
  descriptor fd_;
  std::atomic<bool> rung_{false};
};

template <class T>
class mailbox {
 public:
  explicit mailbox(std::size_t limit) : values_(limit) {}  // throws std::system_error

  // Any thread. False when full; `value` is then untouched.
  bool push(T& value) {
    if (!values_.push(value)) return false;
    bell_.ring();
    return true;
  }

  // Any thread, for what must not get lost: beyond the limit, too.
  void add(T value) {
    values_.add(std::move(value));
    bell_.ring();
  }

  // The reader's thread, when fd() is readable: all values so far, oldest first.
  std::vector<T> drain() {
    bell_.hear();
    return values_.drain();
  }

  // Any thread: the reader is to look, though no value has come.
  void nudge() { bell_.ring(); }

  int fd() const { return bell_.fd(); }

 private:
  ring<T> values_;
  bell bell_;
};

}  // namespace holdfast
