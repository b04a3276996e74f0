// What hfctl does itself, mostly by asking the daemons several things one after the other.
#pragma once

#include "cli/reply/reply.h"
#include "cli/talk/ask_io.h"
#include "cli/talk/daemons_io.h"

namespace holdfast {

// s.what is a procedure. No answer: nobody runs whom it must ask. Blocks until the procedure is done; patience: with
// each answer on the way.
result<reply, no_answer> run_procedure(const sentence& s, const sockets& at,
                                       std::chrono::milliseconds patience = std::chrono::seconds(10));

// The procedures, each in a file of its own.
using procedure_outcome = result<reply, setback>;
procedure_outcome switch_over(const daemons& of, const say::switch_over& e);
procedure_outcome drain_and_wait(const daemons& of, const say::drain_and_wait& e);
procedure_outcome run_drill(const daemons& of, const say::drill& e);
procedure_outcome export_clients(const daemons& of, const say::export_clients& e);
procedure_outcome import_clients(const daemons& of, const say::import_clients& e);

}  // namespace holdfast
