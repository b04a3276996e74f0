// The file of a client table: any bytes are refused, or give as many well-formed entries as they say.
#include <algorithm>
#include <cstdint>
#include <span>

#include "balancer/table/table_file.h"
#include "base/ensure.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  std::span<const std::uint8_t> rest(data, size);
  std::uint64_t count = 0;
  const auto done = read_table_file(
      [&](std::span<std::uint8_t> out) {
        if (rest.size() < out.size()) return false;
        std::copy_n(rest.begin(), out.size(), out.begin());
        rest = rest.subspan(out.size());
        return true;
      },
      "web",
      [&](const table_file_head& head, std::span<const sync_entry> some) {
        ensure(head.service == "web" && head.servers.size() <= max_table_file_servers);
        for (const sync_entry& e : some) ensure(e.assigned <= e.used);
        count += some.size();
      });
  ensure(count <= size);
  if (done) ensure(*done == count && rest.empty());
  return 0;
}
