// What is said on a control socket, and who may say what: the part of it that needs no socket.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace holdfast {

inline constexpr std::string_view json_word = "json ";  // in front of a command: answer in the wire form

struct asked {
  bool json = false;
  std::string_view command;  // without surrounding blanks
};

// line: with or without its end ("\n", "\r\n").
asked take_apart(std::string_view line);

// Who is at the other end of a UNIX socket, as the kernel says it.
struct credentials {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::span<const std::uint32_t> groups;  // supplementary
};

// Root, our own user, and members of `group` may change things.
bool may_write(const credentials& who, std::uint32_t own_uid, std::optional<std::uint32_t> group);

}  // namespace holdfast
