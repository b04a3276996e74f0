// How memory is paged.
#pragma once

#include <cstddef>

namespace holdfast {

// Asks for huge pages where they fit; the system may refuse, and nothing is lost but time.
void use_huge_pages(void* memory, std::size_t bytes);

}  // namespace holdfast
