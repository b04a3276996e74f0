#include "base/pages_io.h"

#include <sys/mman.h>

#include <memory>

namespace holdfast {

void use_huge_pages(void* memory, std::size_t bytes) {
  constexpr std::size_t huge = 2 << 20;
  void* first = memory;
  if (std::align(huge, huge, first, bytes) == nullptr) return;  // smaller than one huge page
  madvise(first, bytes / huge * huge, MADV_HUGEPAGE);
}

}  // namespace holdfast
