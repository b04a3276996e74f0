#include "sync/message.h"

#include <gmock/gmock.h>

#include <set>

#include "base/tls/secret.h"

namespace holdfast {

namespace {

using bytes = std::vector<std::uint8_t>;

constexpr std::size_t digest_of_version_10 = 1 + 4 + 4 + 8 * digest_buckets;
constexpr std::uint64_t eight = 0x0102030405060708;

sync_digest digest() {
  sync_digest out{.service = 1, .size = 2};
  out.sums.front() = eight;
  out.sums.back() = 0xff;
  out.clock = {{.at = 0x0102, .ago = 3}};
  return out;
}

bytes digest_bytes() {
  bytes out{7, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8};
  out.resize(1 + 4 + 4 + 8 * digest_buckets);
  out.back() = 0xff;
  const bytes clock{1, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 3};
  out.insert(out.end(), clock.begin(), clock.end());
  return out;
}

// One of each, with their bytes as docs/sync-protocol.md has them.
const std::pair<sync_message, bytes> examples[] = {
    {sync_hello{.node = "lb1", .software = "0.1", .incarnation = eight, .major = 1, .minor = 2},
     {1, 1, 2, 3, 'l', 'b', '1', 3, '0', '.', '1', 1, 2, 3, 4, 5, 6, 7, 8}},
    {sync_service{.service = 1, .capacity = 20'000, .name = "web"}, {2, 0, 0, 0, 1, 0, 0, 78, 32, 3, 'w', 'e', 'b'}},
    {sync_server{.service = 1, .server = 2, .identity = " a:1"}, {3, 0, 0, 0, 1, 0, 0, 0, 2, 4, ' ', 'a', ':', '1'}},
    {sync_resume{.service = "web", .upto = eight}, {4, 3, 'w', 'e', 'b', 1, 2, 3, 4, 5, 6, 7, 8}},
    {sync_entries{.service = 1, .kind = entry_kind::snapshot, .upto = eight, .last = true, .packed = {8, 9}},
     {5, 0, 0, 0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 2, 8, 9}},
    {sync_ack{.service = 1, .upto = eight}, {6, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8}},
    {digest(), digest_bytes()},
    {sync_want{.service = 1, .buckets = {0, 1, 1023}}, {8, 0, 0, 0, 1, 0, 3, 0, 0, 0, 1, 3, 255}},
    {sync_ping{eight}, {9, 1, 2, 3, 4, 5, 6, 7, 8}},
    {sync_pong{.sent = eight, .answered = 255}, {10, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 255}},
    {sync_status{.uptime = eight,
                 .connections = 1,
                 .servers = 3,
                 .servers_alive = 2,
                 .in_sync = 1,
                 .config = 255,
                 .groups = {{.name = "web", .is = role::active, .priority = 150}}},
     {11, 1, 2, 3, 4, 5, 6, 7, 8, 0,   0, 0, 1, 0, 0,   0,   3,   0, 0,  0,
      2,  1, 0, 0, 0, 0, 0, 0, 0, 255, 1, 0, 6, 3, 'w', 'e', 'b', 5, 150}},
    {sync_server_state{
         .service = "s", .identity = "a", .weight = 2, .drain = true, .up = false, .aside = 1000, .said = eight},
     {12, 1, 's', 1, 'a', 0, 0, 0, 2, 1, 0, 0, 0, 3, 232, 1, 2, 3, 4, 5, 6, 7, 8}},
    {sync_secret{.name = "tls-ticket", .made = eight, .bytes = {9, 8}},
     {13, 10, 't', 'l', 's', '-', 't', 'i', 'c', 'k', 'e', 't', 1, 2, 3, 4, 5, 6, 7, 8, 0, 2, 9, 8}},
    {sync_order{.id = eight, .phase = order_phase::commit, .text = "ok"},
     {14, 1, 2, 3, 4, 5, 6, 7, 8, 2, 0, 2, 'o', 'k'}},
    {sync_answer{.id = eight, .accepted = true, .text = ""}, {15, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0}},
    {sync_farewell{}, {16}},
};

sync_refusal refusal_of(const bytes& frame) {
  const auto what = decode_sync(frame);
  EXPECT_FALSE(what);
  return what ? sync_refusal{255} : what.error();
}

// What becomes of `frame` with another byte there.
bytes with(bytes frame, std::size_t at, std::uint8_t value) {
  frame.at(at) = value;
  return frame;
}

TEST(SyncMessage, HasTheBytesOfTheDocument) {
  for (const auto& [what, frame] : examples) {
    EXPECT_EQ(encode(what), frame);
    const auto read = decode_sync(frame);
    ASSERT_TRUE(read) << describe(read.error());
    EXPECT_EQ(*read, what);
  }
  EXPECT_EQ(std::size(examples) + 1, std::variant_size_v<sync_messages::type>) << "one of each, but for the unknown";
}

TEST(SyncMessage, IsRefusedWhenCutShortAnywhere) {
  for (const auto& [what, frame] : examples) {
    for (std::size_t size = 0; size < frame.size(); ++size) {
      const std::span cut = std::span(frame).first(size);
      if (frame == digest_bytes() && size == digest_of_version_10) continue;
      const auto read = decode_sync(cut);
      ASSERT_FALSE(read) << "type " << +frame[0] << ", " << size << " bytes";
      ASSERT_EQ(read.error(), sync_refusal::cut_short) << "type " << +frame[0] << ", " << size << " bytes";
    }
  }
}

TEST(SyncMessage, SkipsWhatALaterVersionAdds) {
  for (const auto& [what, frame] : examples) {
    bytes longer = frame;
    longer.insert(longer.end(), {1, 2, 3});
    const auto read = decode_sync(longer);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, what);
  }
}

TEST(SyncMessage, SkipsWhatALaterVersionAddsToAGroup) {
  const sync_status what{.groups = {{.name = "a", .is = role::backup}, {.name = "b", .is = role::fault}}};
  bytes frame = encode(what);
  const auto first_end = static_cast<std::ptrdiff_t>(frame.size() - (2 + 4));
  frame.insert(frame.begin() + first_end, 7);
  frame.at(static_cast<std::size_t>(first_end) - 4 - 1) = 5;  // the length of the first
  const auto read = decode_sync(frame);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, sync_message(what));
}

TEST(SyncMessage, OfAGroupMayNotReachBeyondItsLength) {
  bytes frame = encode(sync_status{.groups = {{.name = "a"}, {.name = "b"}}});
  frame.at(frame.size() - 5) = 3;  // the length of the last: 4
  EXPECT_EQ(refusal_of(frame), sync_refusal::cut_short);
}

TEST(SyncMessage, OfAnUnknownTypeIsUnknown) {
  for (const std::uint8_t type : {0, 17, 18, 255}) {
    const auto read = decode_sync(bytes{type, 1, 2, 3});
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, sync_message(sync_unknown{type}));
    EXPECT_EQ(encode(*read), bytes{type});
  }
  for (const std::uint8_t type : {1, 16}) EXPECT_DEATH(encode(sync_unknown{type}), "broken invariant");
}

TEST(SyncMessage, TakesAnyByteButZeroAsYes) {
  const auto read = decode_sync(with(encode(sync_answer{}), 9, 2));
  ASSERT_TRUE(read);
  EXPECT_TRUE(std::get<sync_answer>(*read).accepted);
}

TEST(SyncMessage, HasNamesWithoutControlCharacters) {
  for (const std::string name : {"", "a\x1f", "\n", "a\x7f", "\x1b[2J"}) {
    const std::string frame = '\4' + std::string(1, static_cast<char>(name.size())) + name + std::string(8, '\0');
    EXPECT_EQ(refusal_of({frame.begin(), frame.end()}), sync_refusal::bad_name) << name;
    EXPECT_DEATH(encode(sync_resume{.service = name}), "broken invariant");
  }
  for (const std::string& name : {std::string(" "), std::string("\xc3\xa4 \xff\x80"), std::string(255, '~')}) {
    const sync_message what = sync_resume{.service = name};
    const auto read = decode_sync(encode(what));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, what);
  }
  EXPECT_DEATH(encode(sync_resume{.service = std::string(256, 'n')}), "broken invariant");
}

TEST(SyncMessage, ChecksEveryName) {
  const auto refused_at = [](const sync_message& what, std::size_t at) {
    EXPECT_EQ(refusal_of(with(encode(what), at, '\t')), sync_refusal::bad_name);
  };
  refused_at(sync_hello{.node = "n", .software = ""}, 4);
  refused_at(sync_service{.name = "n"}, 10);
  refused_at(sync_server{.identity = "n"}, 10);
  refused_at(sync_server_state{.service = "n", .identity = "n"}, 2);
  refused_at(sync_server_state{.service = "n", .identity = "n"}, 4);
  refused_at(sync_secret{.name = "n", .bytes = {}}, 2);
  refused_at(sync_status{.groups = {{.name = "n"}}}, 34);
}

TEST(SyncMessage, HasAVersionThatCanBeShown) {
  const sync_hello longest{.node = "n", .software = std::string(max_sync_software, '~')};
  const bytes frame = encode(longest);
  EXPECT_TRUE(decode_sync(frame));
  for (const std::uint8_t byte : {0x1f, 0x7f, 0x80}) {
    EXPECT_EQ(refusal_of(with(frame, 6, byte)), sync_refusal::bad_software);
  }
  EXPECT_EQ(refusal_of(with(frame, 5, max_sync_software + 1)), sync_refusal::bad_software);
  EXPECT_DEATH(encode(sync_hello{.node = "n", .software = longest.software + "~"}), "broken invariant");
}

TEST(SyncMessage, HasRolesKindsAndPhasesThatExist) {
  const bytes status = encode(sync_status{.groups = {{.name = "n"}}});
  for (const std::uint8_t is : {0, 6, 255}) EXPECT_EQ(refusal_of(with(status, 35, is)), sync_refusal::bad_role);
  for (const std::uint8_t is : {1, 5}) EXPECT_TRUE(decode_sync(with(status, 35, is)));
  EXPECT_DEATH(encode(sync_status{.groups = {{.name = "n", .is = role::gone}}}), "broken invariant");

  const bytes entries = encode(sync_entries{});
  EXPECT_TRUE(decode_sync(with(entries, 5, 2)));
  EXPECT_EQ(refusal_of(with(entries, 5, 3)), sync_refusal::bad_kind);
  EXPECT_DEATH(encode(sync_entries{.kind = entry_kind{3}, .packed = {}}), "broken invariant");

  const bytes order = encode(sync_order{});
  EXPECT_TRUE(decode_sync(with(order, 9, 4)));
  EXPECT_EQ(refusal_of(with(order, 9, 5)), sync_refusal::bad_kind);
  EXPECT_DEATH(encode(sync_order{.phase = order_phase{5}, .text = ""}), "broken invariant");
}

TEST(SyncMessage, WantsBucketsInAscendingOrder) {
  const bytes three = encode(sync_want{.buckets = {1, 2, 1023}});
  EXPECT_EQ(refusal_of(with(three, 8, 2)), sync_refusal::bad_bucket) << "twice the same";
  EXPECT_EQ(refusal_of(with(three, 8, 3)), sync_refusal::bad_bucket) << "descending";
  EXPECT_EQ(refusal_of(with(with(three, 11, 4), 12, 0)), sync_refusal::bad_bucket) << "1024";
  EXPECT_EQ(refusal_of(with(three, 6, 0)), sync_refusal::bad_bucket) << "none at all";
  EXPECT_DEATH(encode(sync_want{}), "broken invariant");
  EXPECT_DEATH(encode(sync_want{.buckets = {2, 1}}), "broken invariant");
  EXPECT_DEATH(encode(sync_want{.buckets = {1024}}), "broken invariant");

  sync_want all;
  for (std::uint16_t i = 0; i < digest_buckets; ++i) all.buckets.push_back(i);
  const bytes frame = encode(all);
  const auto read = decode_sync(frame);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, sync_message(all));
  EXPECT_EQ(refusal_of(with(frame, 6, 1)), sync_refusal::too_many) << "1025, before it is seen that they aren't there";
  all.buckets.push_back(0);
  EXPECT_DEATH(encode(all), "broken invariant");
}

TEST(SyncMessage, HasADigestOfAllBuckets) {
  sync_digest what;
  what.sums.pop_back();
  EXPECT_DEATH(encode(what), "broken invariant");
}

TEST(SyncMessage, ADigestTellsTheTimeSinceVersion11) {
  bytes before = digest_bytes();
  before.resize(digest_of_version_10);
  const auto read = decode_sync(before);
  ASSERT_TRUE(read);
  EXPECT_TRUE(std::get<sync_digest>(*read).clock.empty());

  sync_digest what = digest();
  what.clock.assign(max_clock_marks, {.at = latest_ms - 1, .ago = latest_ms - 1});
  EXPECT_TRUE(decode_sync(encode(what)));
  EXPECT_EQ(refusal_of(with(digest_bytes(), before.size(), max_clock_marks + 1)), sync_refusal::too_many);
  EXPECT_EQ(refusal_of(with(digest_bytes(), before.size() + 1, 0xff)), sync_refusal::bad_time);
  what.clock.push_back({});
  EXPECT_DEATH(encode(what), "broken invariant");
}

TEST(SyncMessage, HasAsManyGroupsAsAgreedAndNoMore) {
  sync_status what;
  what.groups.assign(max_sync_groups, {.name = std::string(max_sync_name, 'g')});
  const bytes frame = encode(what);
  EXPECT_LT(frame.size(), sync_frame_limit);
  const auto read = decode_sync(frame);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, sync_message(what));
  EXPECT_EQ(refusal_of(with(frame, 30, max_sync_groups + 1)), sync_refusal::too_many);
  what.groups.push_back(what.groups.front());
  EXPECT_DEATH(encode(what), "broken invariant");
}

// The longest is said and heard; with a byte more its length (two bytes, from `at` on) is refused, and never said.
template <class Message, class Bytes>
void is_limited(Message what, Bytes Message::* field, std::size_t most, std::size_t at) {
  (what.*field).assign(most, 'x');
  const bytes frame = encode(what);
  EXPECT_LE(frame.size(), sync_frame_limit);
  const auto read = decode_sync(frame);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, sync_message(what));
  ASSERT_EQ(frame.at(at) << 8 | frame.at(at + 1), static_cast<int>(most));
  const auto more = static_cast<std::uint16_t>(most + 1);
  bytes longer = with(with(frame, at, more >> 8), at + 1, more & 0xff);
  longer.push_back('x');
  EXPECT_EQ(refusal_of(longer), sync_refusal::too_long);
  (what.*field).push_back('x');
  EXPECT_DEATH(encode(what), "broken invariant");
}

TEST(SyncMessage, HasTextsSecretsAndEntriesOfLimitedLength) {
  is_limited(sync_order{}, &sync_order::text, max_sync_text, 10);
  is_limited(sync_answer{}, &sync_answer::text, max_sync_text, 10);
  is_limited(sync_secret{.name = "n", .bytes = {}}, &sync_secret::bytes, max_sync_secret, 11);
  is_limited(sync_entries{}, &sync_entries::packed, max_sync_packed, 15);
}

TEST(SyncMessage, IsNoLongerThanAFrame) {
  bytes frame = encode(sync_farewell{});
  frame.resize(sync_frame_limit);
  EXPECT_TRUE(decode_sync(frame));
  frame.push_back(0);
  EXPECT_EQ(refusal_of(frame), sync_refusal::too_long);
}

TEST(SyncMessage, LeavesNoCopyOfASecretBehind) {
  const sync_secret longest{.name = std::string(max_sync_name, 'n'), .bytes = secret_bytes(max_sync_secret, 9)};
  bytes frame = encode(longest);
  EXPECT_EQ(frame.capacity(), encode(sync_farewell{}).capacity()) << "it has never grown, thus left no bytes anywhere";
  wipe(frame);
  EXPECT_EQ(frame, bytes(frame.size(), 0));
}

TEST(SyncMessage, SaysInWordsWhyItIsRefused) {
  std::set<std::string> words;
  for (int why = 0; why <= static_cast<int>(sync_refusal::too_long); ++why) {
    words.insert(describe(static_cast<sync_refusal>(why)));
  }
  EXPECT_EQ(words.size(), 9U);
  EXPECT_FALSE(words.contains(""));
}

}  // namespace

}  // namespace holdfast
