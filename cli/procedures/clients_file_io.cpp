// `clients export` and `clients import`.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>

#include "base/descriptor_io.h"
#include "cli/procedures/client_batch.h"
#include "cli/procedures/procedures_io.h"

namespace holdfast {

namespace {

constexpr std::size_t put_most = max_line - 64;  // room for `json `, `on NODE` and the like

setback system_says_no(const std::string& path) { return {false, path + ": " + std::strerror(errno)}; }

bool write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t bytes = ::write(to, text.data(), text.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return true;
}

// Asks for one piece after the other and writes it; gives the number of lines.
result<std::uint64_t, setback> write_clients(const daemons& of, int to, const std::string& path) {
  std::uint64_t lines = 0;
  std::string heading = std::string(client_line_heading) + '\n';  // not before there is somebody to answer
  std::string after;
  do {
    auto piece = of.tell_balancer("clients lines" + (after.empty() ? "" : " after " + after));
    if (!piece) return piece.error();
    if (!write_all(to, std::exchange(heading, {}) + piece->pen)) return system_says_no(path);
    lines += static_cast<std::uint64_t>(std::count(piece->pen.begin(), piece->pen.end(), '\n'));
    after = std::move(piece->message);
  } while (!after.empty());
  return {boost::system::in_place_value, lines};
}

setback at_line(const std::string& path, std::size_t number, const std::string& why) {
  return {false, path + ':' + std::to_string(number) + ": " + why};
}

result<client_batch, setback> read_clients(const std::string& path) {
  std::ifstream in(path);
  if (!in) return system_says_no(path);
  client_batch all;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty() || line.front() == '#' || line == client_line_heading) continue;
    const auto read = read_client_line(line);
    if (!read) return at_line(path, number, read.error());
    if (all.size() == most_client_lines)
      return at_line(path, number, "expected at most " + std::to_string(most_client_lines) + " clients");
    all.add(*read);
  }
  if (in.bad()) return system_says_no(path);
  all.sort();
  return all;
}

}  // namespace

procedure_outcome export_clients(const daemons& of, const say::export_clients& e) {
  if (!e.file) {
    const auto written = write_clients(of, STDOUT_FILENO, "standard output");
    return written ? procedure_outcome(reply{}) : procedure_outcome(written.error());
  }
  // Who was here is nobody's business but the owner's.
  const descriptor file(::open(e.file->c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return system_says_no(*e.file);
  const auto written = write_clients(of, file.get(), *e.file);
  if (!written) {
    ::unlink(e.file->c_str());
    return written.error();
  }
  reply done;
  done.message = std::to_string(*written) + " clients are in " + *e.file;
  return done;
}

// The whole file is read before any of it is said: a fault in its last line changes nothing.
procedure_outcome import_clients(const daemons& of, const say::import_clients& e) {
  auto all = read_clients(e.file);
  if (!all) return all.error();
  reply sum;
  while (const auto line = all->next_command(put_most)) {
    auto put = of.tell_balancer(*line);
    if (!put) return put.error();
    if (put->tables.empty()) return setback{false, put->message};
    if (sum.tables.empty()) {
      sum.tables = std::move(put->tables);
      continue;
    }
    auto& into = sum.tables.front().rows.front();
    const auto& from = put->tables.front().rows.front();
    for (std::size_t i = 0; i < into.size(); ++i)
      into[i] = into[i].to_number<std::uint64_t>() + from[i].to_number<std::uint64_t>();
  }
  if (sum.tables.empty()) sum.message = "no clients in " + e.file;
  // The nodes find what is new by comparing; without a cluster there is nobody to find it.
  static_cast<void>(of.tell_balancer("cluster check"));
  return sum;
}

}  // namespace holdfast
