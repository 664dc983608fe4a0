// Chapter one: trust and lists come in, from those who own them and from nobody else.
#include <fstream>

#include "absl/time/clock.h"

#include "tests/integration/story_fixture.h"

namespace gatehouse::integration {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(StoryTest, TheTrustStoreHoldsWhatTheStateSigned) {
  const Answer held = story().As("auditor", "document")({"trust", "list"});
  EXPECT_EQ(held.exit_code, kDone) << held.err;
  ASSERT_GE(held.lines.size(), 4u);
  for (const json& entry : held.lines) EXPECT_EQ(entry.value("imported_by", ""), "trust-operator") << entry;
}

TEST_P(StoryTest, OnePersonsAnchorsAreNotUsed) {
  const Caller first = story().As("trust-operator", "document"), second = story().As("trust-operator-2", "document");
  const size_t held = first({"trust", "list"}).lines.size();
  const Answer imported = first({"trust", "import", story().country().untrusted(), "--note", "found on a stick"});
  ASSERT_EQ(imported.exit_code, kDone) << imported.err;
  ASSERT_FALSE(imported.lines.empty());
  const std::string id = imported.lines[0].value("import_id", "");
  EXPECT_THAT(imported.err, HasSubstr("wait for a second person"));
  EXPECT_EQ(first({"trust", "accept", id}).exit_code, kCheckSaysNo) << "the same person";
  EXPECT_EQ(first({"trust", "list"}).lines.size(), held);

  const Answer difference = second({"trust", "diff", id});
  ASSERT_FALSE(difference.lines.empty()) << difference.err;
  EXPECT_EQ(difference.lines[0]["entry"].value("source_note", ""), "found on a stick");
  const Answer rejected = second({"trust", "reject", id, "--reason", "nobody knows this State"});
  ASSERT_THAT(rejected.lines, SizeIs(1)) << rejected.err;
  EXPECT_EQ(rejected.lines[0].value("state", ""), "rejected");
  EXPECT_THAT(second({"trust", "pending"}).lines, IsEmpty());
  EXPECT_EQ(second({"trust", "accept", id}).exit_code, kCheckSaysNo) << "decided is decided";
}

TEST_P(StoryTest, AnOfficerMayNotAddTrustAndTheAttemptIsOnRecord) {
  const Caller officer = story().As("officer-1", "document");
  const Answer attempt = officer({"trust", "import", story().country().untrusted()});
  EXPECT_EQ(attempt.exit_code, kCheckSaysNo);
  EXPECT_THAT(attempt.lines, IsEmpty());
  EXPECT_THAT(attempt.err, HasSubstr("granted"));
  EXPECT_THAT(story().AuditOf("document"),
              Contains(RefusalOf("officer-1", "/gatehouse.document.v1.TrustAdminService/ImportTrust")));
}

TEST_P(StoryTest, TheTrustOperatorMayNotChangeLists) {
  const Answer attempt = story().As("trust-operator", "watchlist")(
      {"watchlist", "import", "--base", "mine", "--format", "document-csv", story().country().stolen_documents()});
  EXPECT_EQ(attempt.exit_code, kCheckSaysNo);
  EXPECT_THAT(story().AuditOf("watchlist"),
              Contains(RefusalOf("trust-operator", "/gatehouse.watchlist.v1.WatchlistAdminService/ImportList")));
}

TEST_P(StoryTest, AGateMayNotReadTheRegister) {
  const Answer attempt = story().As("gate-1", "traveller")({"crossings", "list"});
  EXPECT_EQ(attempt.exit_code, kCheckSaysNo);
  EXPECT_THAT(story().AuditOf("traveller"),
              Contains(RefusalOf("gate-1", "/gatehouse.traveller.v1.TravellerService/ListCrossings")));
}

TEST_P(StoryTest, EveryBaseSaysWhoseItIsHowLargeAndHowFresh) {
  const Answer bases = story().As("officer-1", "watchlist")({"watchlist", "bases"});
  EXPECT_EQ(bases.exit_code, kDone) << bases.err;
  for (const char* name : {"stolen-documents", "wanted-persons"}) {
    const auto base = std::find_if(bases.lines.begin(), bases.lines.end(),
                                   [&](const json& line) { return line.value("base", "") == name; });
    ASSERT_NE(base, bases.lines.end()) << name;
    EXPECT_EQ(base->value("freshness", ""), "fresh");
    EXPECT_GE(base->value("records", 0), 2000);
    EXPECT_EQ(base->value("imported_by", ""), "list-owner");
    EXPECT_NE(base->value("data_version", ""), "");
  }
}

TEST_P(StoryTest, AnImportKeepsGoodRowsAndTellsTheLinesOfBadOnes) {
  const std::string file = story().File("mixed.csv");
  std::ofstream(file) << "number,issuer,type,status,reported_date,record_id\n"
                      << "Q1234567,UTO,P,stolen,2026-01-02,R-1\n"
                      << "Q1234568,UTO,P,stolen,2026-13-02,R-2\n"
                      << "Q1234569,UTO,P,lost,2026-01-03,R-3\n";
  // The other chapters ask this base too, and a list without a date has no age: it answers nothing.
  const std::string today = absl::FormatTime("%Y-%m-%d", absl::Now(), absl::UTCTimeZone());
  const Answer import = story().As("list-owner", "watchlist")(
      {"watchlist", "import", "--base", "mixed", "--format", "document-csv", "--published", today, file});
  EXPECT_EQ(import.exit_code, kCheckSaysNo) << import.err;
  ASSERT_THAT(import.lines, SizeIs(1));
  const json staged = import.lines[0]["staged_import"];
  EXPECT_THAT(staged["reasons"], ElementsAre("a new base of a name that the configuration does not know"));
  EXPECT_EQ(staged.value("records", 0), 2);
  EXPECT_EQ(story().As("list-owner-2", "watchlist")({"watchlist", "accept", staged.value("staged_id", "")}).exit_code,
            kDone);
  ASSERT_THAT(import.lines[0]["rejected_rows"], SizeIs(1));
  EXPECT_EQ(import.lines[0]["rejected_rows"][0].value("line", 0), 3);
}

TEST_P(StoryTest, AListThatIsNoneChangesNothing) {
  const std::string file = story().File("truncated.xml");
  std::ofstream(file) << "<?xml version=\"1.0\"?><CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><FIRST_NAME>A";
  const Caller owner = story().As("list-owner", "watchlist");
  const std::vector<json> before = owner({"watchlist", "bases"}).lines;
  const Answer import = owner({"watchlist", "import", "--base", "wanted-persons", "--format", "un-xml", file});
  EXPECT_EQ(import.exit_code, kBadUsage);
  const auto version_of = [](const std::vector<json>& bases) {
    for (const json& base : bases) {
      if (base.value("base", "") == "wanted-persons") return base.value("data_version", "");
    }
    return std::string();
  };
  EXPECT_EQ(version_of(owner({"watchlist", "bases"}).lines), version_of(before));
}

}  // namespace
}  // namespace gatehouse::integration
