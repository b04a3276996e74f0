// Where lines can go: files, pipes, terminals, the system's log. For the writer's thread (line_writer_io.h).
#pragma once

#include <string>

#include "base/log/line_writer_io.h"
#include "base/result.h"

namespace holdfast {

// Appended to; created with that mode. A named pipe that nobody reads is no error: lines go on when a reader comes. The
// error is a sentence.
result<line_writer::outlet, std::string> outlet_to_file(const std::string& path, unsigned mode = 0640);

// The flags of the descriptor, which other processes have, too, stay as they are. What is standard output then may be
// turned elsewhere afterwards.
line_writer::outlet outlet_to_standard_error();
line_writer::outlet outlet_to_standard_output();

// syslog(3) under that name, connected at once: later its socket may be out of sight. A line begins with its level as
// "<N>".
line_writer::outlet outlet_to_syslog(const char* program);

}  // namespace holdfast
