// The file with the cluster's key: 32 random bytes as 64 hexadecimal digits and a newline, for its owner's eyes only.
// The same file lies on every node. No error shows anything of what the file holds.
#pragma once

#include <string>

#include "base/result.h"
#include "base/tls/secret.h"

namespace holdfast {

// Writes a new key with mode 0600, and it is on the disk when this returns. Whatever exists at `path`, even a dangling
// link, is refused and left alone. The error is a sentence.
result<void, std::string> make_cluster_key(const std::string& path);

// The error is a sentence that says what was expected: a regular file (a link to one will do) that only its owner may
// read and write, of 64 digits and a newline and nothing else. Never waits, not even for the writer of a FIFO.
result<secret_key, std::string> load_cluster_key(const std::string& path);

// next: "" = there is none. An error as above, of either.
result<cluster_keys, std::string> load_cluster_keys(const std::string& path, const std::string& next);

}  // namespace holdfast
