#include <filesystem>
#include <fstream>

#include "balancer/choice/country_io.h"
#include "tests/balancer_io/rig.h"

namespace holdfast {

namespace {

const std::string data = "data/geoip/";

std::string code_of(const country_database& countries, const char* client) {
  const auto found = countries.lookup(*address::parse(client));
  return found ? std::string(found->code.data(), found->code.size()) : "unknown";
}

TEST(CountryDatabase, KnowsWhereClientsComeFrom) {
  const auto countries = country_database::load(data + "GeoIP2-Country-Test.mmdb");
  ASSERT_TRUE(countries) << countries.error();
  EXPECT_EQ(code_of(**countries, "81.2.69.160"), "GB");
  EXPECT_EQ(code_of(**countries, "216.160.83.56"), "US");
  EXPECT_EQ(code_of(**countries, "2001:218::1"), "JP");
  EXPECT_EQ(code_of(**countries, "127.0.0.1"), "unknown");
}

TEST(CountryDatabase, IsRefusedWithASentenceWhenThereIsNone) {
  EXPECT_EQ(country_database::load("/nowhere").error(), "can't be read: No such file or directory");
  EXPECT_EQ(country_database::load("/").error(), "is not a file");
  EXPECT_EQ(country_database::load(data + "README.md").error(), "is no MaxMind DB, or a damaged one");
}

TEST(CountryDatabase, IsRefusedOrKnowsNothingWhenDamaged) {
  const std::vector<std::string> whole = {"GeoIP2-Country-Test.mmdb", "README.md"};
  std::size_t seen = 0, refused = 0;
  for (const auto& file : std::filesystem::directory_iterator(data)) {
    if (std::find(whole.begin(), whole.end(), file.path().filename()) != whole.end()) continue;
    ++seen;
    const auto countries = country_database::load(file.path());
    refused += countries.has_error();
    if (!countries) continue;
    for (const char* client : {"81.2.69.160", "0.0.0.0", "255.255.255.255", "::", "2001:218::1", "ffff::"}) {
      EXPECT_EQ(code_of(**countries, client), "unknown") << file.path();
    }
  }
  EXPECT_GE(seen, 17);
  EXPECT_GE(refused, 8);
}

TEST(CountryDatabase, IsRefusedWhereverItIsCutShort) {
  std::ifstream file(data + "GeoIP2-Country-Test.mmdb", std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::string path = testing::TempDir() + "cut-" + std::to_string(getpid()) + ".mmdb";
  for (std::size_t length = 0; length < whole.size(); length += 997) {
    std::ofstream(path, std::ios::binary) << whole.substr(0, length);
    EXPECT_TRUE(country_database::load(path).has_error()) << length;
  }
  std::filesystem::remove(path);
}

// Somebody overwrites the file in place while we use it.
TEST(CountryDatabase, SurvivesWhatHappensToItsFile) {
  const std::string path = testing::TempDir() + "gone-" + std::to_string(getpid()) + ".mmdb";
  std::filesystem::copy_file(data + "GeoIP2-Country-Test.mmdb", path);
  const auto countries = country_database::load(path);
  std::filesystem::resize_file(path, 0);
  ASSERT_TRUE(countries);
  EXPECT_EQ(code_of(**countries, "81.2.69.160"), "GB");
  std::filesystem::remove(path);
}

TEST(CountryDatabase, IsAskedOnlyWhenAnAclAsks) {
  backend a(says("a"));
  rig r({a.where()});
  r.made.client_acl = std::make_shared<const acl>(acl_rules{{true, country{{'G', 'B'}}}});
  r.made.asks_country = true;
  r.work().post(adopt_country{*country_database::load(data + "GeoIP2-Country-Test.mmdb")});
  r.start();
  peer client = r.client();  // loopback is in no country, so not in Great Britain
  EXPECT_EQ(client.hear_all(), "");
  r.made.client_acl = std::make_shared<const acl>(acl_rules{{false, country{{'G', 'B'}}}});
  r.adopt();
  EXPECT_TRUE(eventually([&] {
    peer other = r.client();
    other.say("who\n");
    return other.hear_all() == "a";
  }));
}

}  // namespace

}  // namespace holdfast
