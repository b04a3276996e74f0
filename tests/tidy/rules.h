// The rules of the house (docs/STYLE.md, docs/ARCHITECTURE.md) as functions: one text in, what is wrong with it out.
#pragma once

#include <functional>
#include <set>

#include "tests/tidy/source.h"

namespace holdfast::tidy {

inline constexpr std::size_t max_file_lines = 400;
inline constexpr std::size_t max_function_lines = 59;
inline constexpr std::size_t max_folder_files = 26;  // of a room; "some 25"

// includes.cpp
findings check_dependencies(const source& s);  // who may know whom; each finding names the rule's number

// Whether a header <path> reaches the machine: sockets, files, clocks, threads, libraries that do.
bool reaches_machine(std::string_view path);

// functions.cpp
findings check_function_length(const source& s);

// words.cpp
findings check_forbidden_words(const source& s);  // notes to self, skipped tests, virtual, preprocessor, sleeping tests
findings check_purity(const source& s);           // clocks, files, sockets, randomness and logging in pure files

// layout.cpp
findings check_file_length(const source& s);
findings check_file_name(const source& s);
findings check_header_shape(const source& s);
findings check_whitespace(const source& s);
// `exists` says whether a path (relative to the top) is a file or folder of the repository.
findings check_links(const source& s, const std::function<bool(const std::string&)>& exists);

// documents.cpp
struct named {
  std::set<std::string> files, folders, words, tests;  // words: of everything but documents; tests: "Suite.Name"
  std::set<std::string> notes;                         // what the programs write: "state=started", "lines={"
};
named names_of(const std::vector<source>& sources);
findings check_names(const source& s,
                     const named& known);  // `path/file.h`, `type::function`, `Suite.Test`, `key=value` of documents

}  // namespace holdfast::tidy
