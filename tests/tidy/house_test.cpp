// The rules of the house, held against every file of the repository. HOLDFAST_TOP comes from CMake.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/tidy/floors.h"
#include "tests/tidy/repository.h"
#include "tests/tidy/rules.h"

namespace holdfast::tidy {

namespace {

const std::vector<source>& repository() {
  static const std::vector<source> sources = read_repository(HOLDFAST_TOP);
  return sources;
}

template <class Rule>
void hold(const Rule& rule) {
  for (const source& s : repository()) {
    for (const finding& f : rule(s)) ADD_FAILURE() << f.path << ":" << f.line << ": " << f.what;
  }
}

TEST(House, IsReadFromTheRightPlace) {
  ASSERT_GT(repository().size(), 20U);
  EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(HOLDFAST_TOP) / "base/ensure.h"));
}

TEST(House, RoomsKnowOnlyWhomTheyMay) { hold(check_dependencies); }
TEST(House, FoldersAreFloors) {
  std::ifstream in(std::filesystem::path(HOLDFAST_TOP) / "CMakeLists.txt");
  const floors all = read_floors(std::string(std::istreambuf_iterator<char>(in), {}));
  ASSERT_GT(all.size(), 20U);
  hold([&](const source& s) { return check_floors(s, all); });
}

TEST(House, HasNoCircleOfFolders) {
  std::string way;
  for (const std::string& folder : shortest_cycle(repository())) way += (way.empty() ? "" : " -> ") + folder;
  EXPECT_EQ(way, "");
}

TEST(House, FunctionsAreShort) { hold(check_function_length); }
TEST(House, FilesAreShort) { hold(check_file_length); }
TEST(House, FileNamesSaySomething) { hold(check_file_name); }
TEST(House, HeadersOpenWithTheirPromise) { hold(check_header_shape); }
TEST(House, HasNoForbiddenWords) { hold(check_forbidden_words); }
TEST(House, PureFilesStayPure) { hold(check_purity); }
TEST(House, HasNoStrayWhitespace) { hold(check_whitespace); }

TEST(House, DocumentsHaveNoDeadLinks) {
  const auto exists = [](const std::string& path) {
    return std::filesystem::exists(std::filesystem::path(HOLDFAST_TOP) / path);
  };
  hold([&](const source& s) { return check_links(s, exists); });
}

TEST(House, DocumentsNameWhatThereIs) {
  const named all = names_of(repository());
  ASSERT_GT(all.tests.size(), 1000U);
  hold([&](const source& s) { return check_names(s, all); });
}

// A room that grows wants an inner door. Tests stand beside what they test: a folder a room.
TEST(House, CountsTheFilesOfItsRooms) {
  for (const auto& [folder, files] : files_per_folder(repository())) {
    EXPECT_GT(files, 0U) << folder;
    if (!folder.starts_with("tests")) EXPECT_LE(files, max_folder_files) << folder << ": a subfolder would help";
  }
}

}  // namespace

}  // namespace holdfast::tidy
