// Where lines can go: files, pipes, terminals, the system's log. For the writer's thread (line_writer_io.h).
#pragma once

#include <string>

#include "base/log/line_writer_io.h"
#include "base/result.h"

namespace holdfast {

// Appended to, created 0640. A named pipe that nobody reads is no error: lines go on when a reader comes. The error is
// a sentence.
result<line_writer::outlet, std::string> outlet_to_file(const std::string& path);

// The flags of the descriptor, which other processes have, too, stay as they are.
line_writer::outlet outlet_to_standard_error();

// syslog(3) under that name, connected at once: later its socket may be out of sight. A line begins with its level as
// "<N>".
line_writer::outlet outlet_to_syslog(const char* program);

}  // namespace holdfast
