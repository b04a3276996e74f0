// A server that says its name to whoever sends a line, and closes; or keeps the connection if the line is "hold".
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "base/descriptor_io.h"
#include "tests/lab/bulk.h"

namespace holdfast::differential {

class naming_server {
 public:
  naming_server(const lab::host& where, const std::vector<endpoint>& at, std::string name);
  ~naming_server();  // its ports refuse from now on, and its connections are closed
  naming_server(const naming_server&) = delete;
  naming_server& operator=(const naming_server&) = delete;

 private:
  void serve();
  bool answer(int fd);  // false: done with it
  std::vector<descriptor> listeners_;
  std::string name_;
  descriptor stop_, stopped_;  // closing stop_ ends the thread
  std::thread thread_;
};

}  // namespace holdfast::differential
