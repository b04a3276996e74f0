// What a run of the laboratory could leave behind if it is killed: directories, and processes that changed their user.
#pragma once

namespace holdfast::lab {

// Notes a process in this run's book, so that a later run can end it. Nothing to do when no scratch directory was made.
void remember_process(int pid);

}  // namespace holdfast::lab
