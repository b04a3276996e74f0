#include <sstream>

#include "tests/lab/vrrp/decoder.h"

namespace holdfast::lab {
namespace {

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == at)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

int number(const std::string& text) { return text.empty() ? -1 : std::stoi(text, nullptr, 0); }

advert_decoded read_row(const std::string& row) {
  const std::vector<std::string> fields = split(row, '\t');
  advert_decoded a;
  const bool four = !fields.at(0).empty();
  a.source = *address::parse(fields.at(four ? 0 : 1));
  a.hop_limit = number(fields.at(four ? 2 : 3));
  a.version = number(fields.at(4));
  a.vrid = number(fields.at(5));
  a.priority = number(fields.at(6));
  a.interval = number(fields.at(a.version == 2 ? 7 : 8));
  a.checksum_good = fields.at(9) == "1";
  for (const std::string& one : split(fields.at(four ? 10 : 11), ','))
    if (const auto parsed = address::parse(one)) a.addresses.push_back(*parsed);
  a.complete = fields.at(12).empty();
  return a;
}

std::vector<advert_decoded> decode_with(const host& where, const std::string& capture, const std::string& preference) {
  std::vector<std::string> words{"tshark", "-n", "-r", capture, "-Y", "vrrp", "-o", preference, "-T", "fields"};
  for (const char* field :
       {"ip.src", "ipv6.src", "ip.ttl", "ipv6.hlim", "vrrp.version", "vrrp.virt_rtr_id", "vrrp.prio", "vrrp.adver_int",
        "vrrp.short_adver_int", "vrrp.checksum.status", "vrrp.ip_addr", "vrrp.ipv6_addr", "_ws.malformed"})
    words.insert(words.end(), {"-e", field});
  std::istringstream rows(where.must(words));
  std::vector<advert_decoded> all;
  for (std::string row; std::getline(rows, row);)
    if (row.find('\t') != std::string::npos) all.push_back(read_row(row));  // others are what tshark says of itself
  return all;
}

}  // namespace

std::vector<advert_decoded> decode(const host& where, const std::filesystem::path& capture) {
  std::vector<advert_decoded> with = decode_with(where, capture, "vrrp.v3_checksum_as_in_v2:FALSE");
  const std::vector<advert_decoded> without = decode_with(where, capture, "vrrp.v3_checksum_as_in_v2:TRUE");
  for (std::size_t i = 0; i < with.size(); ++i)
    with[i].checksum_good = with[i].checksum_good || without.at(i).checksum_good;
  return with;
}

}  // namespace holdfast::lab
