# The client table's and the deciders' own speed; tests/bench/run holds two figures of it against their bars.
find_package(benchmark REQUIRED) # Google Benchmark: libbenchmark-dev, scripts/setup
add_executable(table_bench table_bench.cpp)
target_link_libraries(table_bench PRIVATE balancer benchmark::benchmark_main)
add_dependencies(bench_tools table_bench)
