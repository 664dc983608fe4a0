// Chapter three: what the day leaves behind: crossings, persons, events, and an audit log that cannot be edited.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "tests/integration/story_fixture.h"

namespace gatehouse::integration {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(StoryTest, EveryDecidedPassageIsOneCrossing) {
  std::map<std::string, int> crossings_of;
  story().Passages();
  for (const json& crossing : story().Crossings()) ++crossings_of[crossing.value("inspection_id", "")];
  for (const Passage& passage : story().Passages()) {
    const int expected = passage.outcome == "admit" || passage.outcome == "refuse" ? 1 : 0;
    // The referred may have been decided by a later chapter: then once.
    if (passage.outcome == "refer") continue;
    EXPECT_EQ(crossings_of[passage.inspection.value("inspection_id", "")], expected) << passage.traveller.folder;
  }
  for (const auto& [inspection_id, count] : crossings_of) EXPECT_EQ(count, 1) << inspection_id;
}

TEST_P(StoryTest, APersonIsFoundByDocumentAndByName) {
  const json identity = story().PassageWithFault("none").inspection["identity"];
  const Caller officer = story().As("officer-1", "traveller");
  const Answer by_document = officer({"traveller", "show", "--number", identity["document"].value("number", ""),
                                      "--issuer", identity["document"].value("issuer", "")});
  EXPECT_EQ(by_document.exit_code, kDone) << by_document.err;
  ASSERT_THAT(by_document.lines, SizeIs(1));
  ASSERT_THAT(by_document.lines[0]["history"].size(), Ge(1u));
  EXPECT_EQ(by_document.lines[0]["history"][0]["identity"]["document"], identity["document"]);

  const Answer by_name =
      officer({"traveller", "show", "--primary", identity["name"].value("primary", ""), "--secondary",
               identity["name"].value("secondary", ""), "--birth-date", identity.value("birth_date", ""),
               "--nationality", identity.value("nationality", "")});
  EXPECT_EQ(by_name.exit_code, kDone) << by_name.err;
  ASSERT_THAT(by_name.lines, SizeIs(1));
  EXPECT_EQ(by_name.lines[0]["person"]["person_id"], by_document.lines[0]["person"]["person_id"]);

  const Answer nobody = officer({"traveller", "show", "--number", "NOBODY99", "--issuer", "UTO"});
  EXPECT_EQ(nobody.exit_code, kCheckSaysNo);
  EXPECT_THAT(nobody.lines, IsEmpty());
}

TEST_P(StoryTest, EveryInspectionIsListedNewestFirst) {
  const size_t inspected = story().Passages().size();
  const Answer list = story().As("auditor", "inspection")({"inspections", "list", "--limit", "100000"});
  EXPECT_EQ(list.exit_code, kDone) << list.err;
  EXPECT_THAT(list.lines.size(), Ge(inspected));
  for (size_t i = 1; i < list.lines.size(); ++i) {
    EXPECT_GE(list.lines[i - 1].value("inspection_time", ""), list.lines[i].value("inspection_time", ""));
  }
}

TEST_P(StoryTest, EventsComeInCommitOrderEachIdOnce) {
  story().Passages();
  for (const char* service : kServices) {
    SCOPED_TRACE(service);
    const std::vector<json> events = story().Events(service);
    EXPECT_THAT(events.size(), Ge(1u));
    std::set<std::string> ids;
    int64_t last = 0;
    for (const json& event : events) {
      EXPECT_GT(event.value("position", int64_t{0}), last);
      last = event.value("position", int64_t{0});
      EXPECT_TRUE(ids.insert(event.value("id", "")).second) << "twice: " << event;
      EXPECT_FALSE(event.contains("data")) << "payloads stay sealed";
    }
  }
}

TEST_P(StoryTest, EveryFactHasItsEvent) {
  story().Passages();
  std::multiset<std::string> recorded;
  std::set<std::string> completed;
  std::set<std::string> decided;
  for (const json& event : story().Events("traveller")) {
    if (event.value("type", "") == "gatehouse.traveller.crossing_recorded.v1")
      recorded.insert(event.value("subject", ""));
  }
  for (const json& event : story().Events("inspection")) {
    if (event.value("type", "") == "gatehouse.inspection.completed.v1") completed.insert(event.value("subject", ""));
    if (event.value("type", "") == "gatehouse.inspection.decided.v1") decided.insert(event.value("subject", ""));
  }
  const std::vector<json> crossings = story().Crossings();
  for (const json& crossing : crossings) EXPECT_EQ(recorded.count(crossing.value("crossing_id", "")), 1u);
  EXPECT_THAT(recorded, SizeIs(crossings.size()));
  for (const Passage& passage : story().Passages()) {
    EXPECT_TRUE(completed.contains(passage.inspection.value("inspection_id", "-"))) << passage.traveller.folder;
    EXPECT_TRUE(decided.contains(passage.inspection.value("inspection_id", "-"))) << passage.traveller.folder;
  }
}

// Intent before, outcome after; and what the inspection asked of the register is on the officer's account, not its own.
TEST_P(StoryTest, WhoSawAPersonIsOnRecord) {
  const json identity = story().PassageWithFault("none").inspection["identity"]["document"];
  const Answer shown = story().As("officer-2", "traveller")(
      {"traveller", "show", "--number", identity.value("number", ""), "--issuer", identity.value("issuer", "")});
  ASSERT_THAT(shown.lines, SizeIs(1)) << shown.err;
  const std::string person_id = shown.lines[0]["person"].value("person_id", "-");

  const std::vector<audit::Leaf> leaves = story().AuditOf("traveller");
  const auto by_officer = AllOf(Field(&audit::Leaf::identity, "officer-2"), Field(&audit::Leaf::officer, "officer-2"),
                                Field(&audit::Leaf::verb, "/gatehouse.traveller.v1.TravellerService/GetTraveller"),
                                Field(&audit::Leaf::purpose, "border_inspection"));
  EXPECT_THAT(leaves, Contains(AllOf(by_officer, Field(&audit::Leaf::kind, audit::Kind::kIntent))));
  EXPECT_THAT(leaves,
              Contains(AllOf(by_officer, Field(&audit::Leaf::kind, audit::Kind::kOutcome),
                             Field(&audit::Leaf::outcome, "OK"), Field(&audit::Leaf::subjects, Contains(person_id)))));
  EXPECT_THAT(leaves,
              Contains(AllOf(Field(&audit::Leaf::identity, "inspection"), Field(&audit::Leaf::officer, "officer-1"),
                             Field(&audit::Leaf::verb, "/gatehouse.traveller.v1.CrossingService/RecordCrossing"))));
}

TEST_P(StoryTest, WhoChangedAListIsOnRecord) {
  const auto import =
      AllOf(Field(&audit::Leaf::officer, "list-owner"), Field(&audit::Leaf::purpose, "list_administration"),
            Field(&audit::Leaf::verb, "/gatehouse.watchlist.v1.WatchlistAdminService/ImportList"));
  const std::vector<audit::Leaf> leaves = story().AuditOf("watchlist");
  EXPECT_THAT(leaves, Contains(AllOf(import, Field(&audit::Leaf::kind, audit::Kind::kIntent))));
  EXPECT_THAT(leaves, Contains(AllOf(import, Field(&audit::Leaf::kind, audit::Kind::kOutcome),
                                     Field(&audit::Leaf::outcome, "OK"))));
}

// Changes one bit in the middle of the largest segment of a copied audit folder.
void FlipOneBit(const std::string& folder) {
  std::filesystem::path largest;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    if (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)) largest = entry.path();
  }
  std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(largest) / 2);
  file.seekg(middle);
  const char changed = static_cast<char>(file.get() ^ 1);
  file.seekp(middle);
  file.put(changed);
}

TEST_P(StoryTest, TheAuditLogVerifiesAndAChangedByteDoesNot) {
  story().Passages();
  for (const std::string& folder : story().deployment().audit_folders()) {
    SCOPED_TRACE(folder);
    const Answer whole = RunGatehouse({"audit", "verify", "--dir", folder, "--json"});
    EXPECT_EQ(whole.exit_code, kDone) << whole.out << whole.err;

    const std::string copy = story().File("audit-copy");
    std::filesystem::remove_all(copy);
    std::filesystem::copy(folder, copy, std::filesystem::copy_options::recursive);
    FlipOneBit(copy);
    EXPECT_EQ(RunGatehouse({"audit", "verify", "--dir", copy, "--json"}).exit_code, kCheckSaysNo);
  }
}

}  // namespace
}  // namespace gatehouse::integration
