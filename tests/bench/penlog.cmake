# What penlogd's lines cost. `cmake --build BUILD --target bench_tools`, then BUILD/tests/bench/bench_penlogd BUILD/penlogd.
add_executable(bench_penlogd penlogd_io.cpp)
target_link_libraries(bench_penlogd PRIVATE holdfast_flags)
add_dependencies(bench_tools bench_penlogd)
add_test(NAME Bench.PenlogdNamesEveryClient COMMAND bench_penlogd $<TARGET_FILE:penlogd-program> --short)
set_tests_properties(Bench.PenlogdNamesEveryClient PROPERTIES LABELS bench TIMEOUT 120)
