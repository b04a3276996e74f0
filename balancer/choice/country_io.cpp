#include "balancer/choice/country_io.h"

#include <fcntl.h>
#include <maxminddb.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "balancer/choice/country_layout.h"
#include "balancer/sockets/socket_io.h"
#include "base/descriptor_io.h"

namespace holdfast {

namespace {

constexpr off_t max_size = off_t{1} << 30;

std::string sentence(int error) { return std::generic_category().message(error); }

// The library maps the file, and a mapped file that somebody cuts short kills the process that reads it. So it maps a
// copy in memory that can't be changed any more.
result<descriptor, std::string> copy_to_memory(const std::string& path) {
  const descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat seen{};
  if (!file || fstat(file.get(), &seen) != 0) return "can't be read: " + sentence(errno);
  if (!S_ISREG(seen.st_mode)) return std::string("is not a file");
  if (seen.st_size > max_size) return "is larger than " + std::to_string(max_size) + " bytes";
  descriptor copy(memfd_create("geoip", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!copy) return "can't be copied: " + sentence(errno);
  for (off_t left = seen.st_size; left > 0;) {
    const ssize_t moved = sendfile(copy.get(), file.get(), nullptr, static_cast<std::size_t>(left));
    if (moved <= 0) return "can't be copied: " + sentence(moved == 0 ? EIO : errno);
    left -= moved;
  }
  if (fcntl(copy.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) return sentence(errno);
  return copy;
}

// Whether a record of the search tree leads to where it may lead: another node, nowhere, or into the data section.
bool is_sound(const MMDB_s& file, std::uint64_t record, std::uint8_t type) {
  constexpr std::uint64_t separator = 16;  // bytes between tree and data; a record never points there
  const std::uint64_t nodes = file.metadata.node_count;
  if (type == MMDB_RECORD_TYPE_DATA) return record >= nodes + separator && record - nodes < file.data_section_size;
  return type == MMDB_RECORD_TYPE_SEARCH_NODE || type == MMDB_RECORD_TYPE_EMPTY;
}

bool is_sound(const MMDB_s& file) {
  for (std::uint32_t i = 0; i < file.metadata.node_count; ++i) {
    MMDB_search_node_s node{};
    if (MMDB_read_node(&file, i, &node) != MMDB_SUCCESS) return false;
    if (!is_sound(file, node.left_record, node.left_record_type)) return false;
    if (!is_sound(file, node.right_record, node.right_record_type)) return false;
  }
  return true;
}

// The library believes what the file says of its own layout already while it opens it.
bool has_sound_layout(int fd) {
  struct stat seen{};
  if (fstat(fd, &seen) != 0 || seen.st_size == 0) return false;
  const auto size = static_cast<std::size_t>(seen.st_size);
  void* mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (mapped == MAP_FAILED) return false;
  const bool sound = read_country_layout({static_cast<const char*>(mapped), size}).has_value();
  munmap(mapped, size);
  return sound;
}

std::optional<country> as_country(const MMDB_entry_data_s& found) {
  if (!found.has_data || found.type != MMDB_DATA_TYPE_UTF8_STRING || found.data_size != 2) return std::nullopt;
  const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (!is_letter(found.utf8_string[0]) || !is_letter(found.utf8_string[1])) return std::nullopt;
  return country{{found.utf8_string[0], found.utf8_string[1]}};
}

}  // namespace

struct country_database::impl {
  MMDB_s file{};
  bool open = false;
  impl() = default;
  ~impl() {
    if (open) MMDB_close(&file);  // an open that failed has closed already, and says so nowhere
  }
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;
};

country_database::country_database(std::unique_ptr<impl> i) : impl_(std::move(i)) {}
country_database::~country_database() = default;

result<std::shared_ptr<const country_database>, std::string> country_database::load(const std::string& path) {
  const auto copy = copy_to_memory(path);
  if (!copy) return copy.error();
  if (!has_sound_layout(copy->get())) return std::string("is no MaxMind DB, or a damaged one");
  auto made = std::make_unique<impl>();
  const std::string mapped = "/proc/self/fd/" + std::to_string(copy->get());
  const int status = MMDB_open(mapped.c_str(), MMDB_MODE_MMAP, &made->file);
  if (status != MMDB_SUCCESS) return "is no database of countries: " + std::string(MMDB_strerror(status));
  made->open = true;
  if (!is_sound(made->file)) return std::string("is damaged: its search tree leads out of the file");
  return std::shared_ptr<const country_database>(new country_database(std::move(made)));
}

std::optional<country> country_database::lookup(const address& client) const {
  const socket_address at(endpoint{.host = client, .port = 0, .path = {}});
  int error = MMDB_SUCCESS;
  MMDB_lookup_result_s found = MMDB_lookup_sockaddr(&impl_->file, at.get(), &error);
  if (error != MMDB_SUCCESS || !found.found_entry) return std::nullopt;
  MMDB_entry_data_s code{};
  if (MMDB_get_value(&found.entry, &code, "country", "iso_code", nullptr) != MMDB_SUCCESS) return std::nullopt;
  return as_country(code);
}

}  // namespace holdfast
