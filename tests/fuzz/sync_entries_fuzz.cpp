// Packed entries: whatever the bytes, what is read is well-formed, and packed again it is the same in no more bytes.
#include <cstdint>
#include <vector>

#include "base/ensure.h"
#include "sync/packed.h"

namespace {

using namespace holdfast;

std::vector<sync_entry> read(entry_reader& reader) {
  std::vector<sync_entry> out;
  while (const auto e = reader.next()) {
    ensure(e->assigned <= e->used);
    out.push_back(*e);
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  entry_reader reader({data, size});
  const auto all = read(reader);
  ensure(all.size() <= size / 5);  // a head and an IPv4 address, the least there is

  entry_packer packer(size + 64);
  for (const sync_entry& e : all) ensure(packer.add(e));
  const auto packed = packer.take();
  ensure(packed.size() <= size);
  entry_reader again(packed);
  ensure(read(again) == all && !again.broken());
  return 0;
}
