// Writes lines on a thread of its own, so that nobody waits for a disk, a pipe or a terminal. What finds no room in its
// queue is lost and counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast {

class line_writer {
 public:
  static constexpr std::size_t most = 1 << 20;  // bytes that wait; as many may be at hand

  struct outcome {
    std::size_t bytes = 0;  // so many were taken, or
    int error = 0;          // none, for that reason; EAGAIN: there is no room now, try again
  };
  // Takes the beginning of some lines. On the writer's thread; waits 100 ms at most.
  using outlet = std::function<outcome(std::string_view lines)>;
  // What stands in the lines where others have been lost; "" = nothing. On the writer's thread.
  using note = std::function<std::string(std::uint64_t lost)>;

  explicit line_writer(note gap = [](std::uint64_t) { return std::string(); });  // writes nowhere yet

  // Gives what there is a fifth of a second, and goes; a thread that the kernel holds is left behind.
  ~line_writer();
  line_writer(const line_writer&) = delete;
  line_writer& operator=(const line_writer&) = delete;

  // Any thread. Lines go there from here on, those that wait included; null: nowhere.
  void turn_to(outlet to);

  // Any thread. Whole lines, each ending in '\n'. False: lost.
  bool push(std::string_view lines);

  bool has_room(std::size_t bytes) const;  // for who can wait: push() of so many will do

  std::uint64_t lost() const;  // lines so far
  int trouble() const;         // the error of the last that were lost; EAGAIN: nobody read them

 private:
  struct shared;
  std::shared_ptr<shared> shared_;
};

}  // namespace holdfast
