// The history on disk. A thread of its own writes, so that a slow disk holds up no advert.
#pragma once

#include <string>
#include <thread>

#include "base/loop/mailbox_io.h"

namespace holdfast {

class event_file {
 public:
  static constexpr std::size_t longest = 4096;  // lines, before it is written anew

  // path "" = kept nowhere.
  explicit event_file(std::string path);
  ~event_file();  // what was said is written first
  event_file(const event_file&) = delete;
  event_file& operator=(const event_file&) = delete;

  const std::string& found() const { return found_; }  // what an earlier life has left, at most a megabyte

  void append(std::string line);                   // ends in '\n'; lost when the disk is more than 1024 lines behind
  void replace(std::string all);                   // instead of what stands there
  bool full() const { return lines_ >= longest; }  // time to replace()

 private:
  struct order {
    std::string text;
    bool replaces = false;
    bool ends = false;
  };
  void run();
  void write(const order& what) const;

  std::string path_;
  std::string found_;
  std::size_t lines_ = 0;
  mailbox<order> orders_{1024};
  std::thread thread_;
};

}  // namespace holdfast
