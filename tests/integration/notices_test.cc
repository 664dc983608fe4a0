// Chapter: what others warn of. Notices come in signed, an officer with such a document in hand is told where to look,
// and how often they fitted is counted.
#include <algorithm>
#include <filesystem>

#include "tests/integration/story_fixture.h"

namespace gatehouse::integration {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kImportVerb[] = "/gatehouse.document.v1.NoticeAdminService/ImportNotices";
constexpr char kLookHere[] = "Run a finger over the number: on these blanks it is printed, not punched.";

int MatchesOf(const Caller& caller, const std::string& id) {
  const Answer statistics = caller({"notice", "stats"});
  EXPECT_EQ(statistics.exit_code, kDone) << statistics.err;
  for (const json& line : statistics.lines) {
    if (line.value("id", "") == id) return line.value("matches", 0);
  }
  return 0;
}

TEST_P(StoryTest, NoticesThatNobodyKnownSignedChangeNothing) {
  const Caller owner = story().As("trust-operator", "document");
  const auto held = [&] {
    return std::make_pair(owner({"notice", "imports"}).lines, owner({"document", "notice", "list"}).lines);
  };
  const auto before = held();
  const Answer forged = owner({"notice", "import", story().country().notice("forged.cms")});
  EXPECT_EQ(forged.exit_code, kCheckSaysNo);
  EXPECT_THAT(forged.err, HasSubstr("none of the known issuers"));
  const Answer unsigned_bundle = owner({"notice", "import", story().country().notice("unsigned.json")});
  EXPECT_EQ(unsigned_bundle.exit_code, kBadUsage);
  EXPECT_THAT(unsigned_bundle.err, HasSubstr("not a signed bundle"));
  const Answer officer =
      story().As("officer-1", "document")({"notice", "import", story().country().notice("utopia.cms")});
  EXPECT_EQ(officer.exit_code, kCheckSaysNo);
  EXPECT_THAT(officer.err, HasSubstr("granted"));
  EXPECT_EQ(held(), before);
  EXPECT_THAT(story().AuditOf("document"), Contains(RefusalOf("officer-1", kImportVerb)));
}

TEST_P(StoryTest, AnOfficerWithSuchADocumentIsToldWhereToLook) {
  const Caller owner = story().As("trust-operator", "document"), officer = story().As("officer-1", "document");
  const Caller officer_at_desk = story().As("officer-1", "inspection");
  const Answer imported =
      owner({"document", "notice", "import", story().country().notice("utopia.cms"), "--note", "from the laboratory"});
  ASSERT_EQ(imported.exit_code, kDone) << imported.err;
  ASSERT_THAT(imported.lines, SizeIs(1));
  EXPECT_EQ(imported.lines[0].value("added", 0) + imported.lines[0].value("replaced", 0), 3);
  EXPECT_EQ(imported.lines[0].value("refused", -1), 0);
  EXPECT_EQ(imported.lines[0].value("imported_by", ""), "trust-operator");
  EXPECT_EQ(imported.lines[0].value("note", ""), "from the laboratory");
  EXPECT_THAT(imported.lines[0].value("signer", ""), HasSubstr("Notices Utopia"));
  const std::string import_id = imported.lines[0].value("import_id", "");

  const int before = MatchesOf(owner, "UTO-BLANKS-1");
  const std::string folder = story().country().WithFault("stolen_number").folder;
  const Answer verified = officer({"document", "verify", folder});
  ASSERT_THAT(verified.lines, SizeIs(1)) << verified.err;
  const json& report = verified.lines[0];
  ASSERT_FALSE(report["notices"].empty()) << report.dump();
  EXPECT_EQ(report["notices"][0].value("id", ""), "UTO-BLANKS-1");
  EXPECT_EQ(report["notices"][0].value("kind", ""), "stolen_blank");
  EXPECT_EQ(report["notices"][0].value("look_here", ""), kLookHere);
  EXPECT_EQ(report["verdict"].value("state", ""), "undetermined");
  EXPECT_THAT(report["verdict"].value("text", ""), HasSubstr(kLookHere));
  EXPECT_THAT(report["verdict"]["decided_by"], Contains("fraud_notices"));
  EXPECT_EQ(MatchesOf(owner, "UTO-BLANKS-1"), before + 1);

  // At the desk too: whatever else is known of the document, this alone is no clear recommendation.
  const Answer inspected = officer_at_desk(InspectAtDesk({folder}));
  ASSERT_THAT(inspected.lines, SizeIs(1)) << inspected.err;
  const json fits = CheckOf(inspected.lines[0], "fraud_notices");
  EXPECT_EQ(fits.value("status", ""), "undetermined");
  EXPECT_THAT(fits.value("reason", ""), HasSubstr(kLookHere));
  EXPECT_EQ(MatchesOf(owner, "UTO-BLANKS-1"), before + 2);

  // For people, without colour.
  const absl::StatusOr<Output> told =
      RunProgram({BinFolder() + "/gatehouse", "document", "verify", folder, "--as", "officer-1", "--pki",
                  story().deployment().pki(), "--server", story().deployment().address("document")});
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_THAT(told->out, HasSubstr(kLookHere));
  EXPECT_THAT(told->out, HasSubstr("stolen_blank"));
  EXPECT_EQ(MatchesOf(owner, "UTO-BLANKS-1"), before + 3);

  // No fraud notice fits this one; the specimen that shows a genuine passport may.
  const Answer other = officer({"document", "verify", story().country().WithFault("none").folder});
  ASSERT_THAT(other.lines, SizeIs(1)) << other.err;
  for (const json& notice : other.lines[0]["notices"]) EXPECT_EQ(notice.value("kind", ""), "reference_specimen");
  EXPECT_EQ(MatchesOf(owner, "UTO-BLANKS-1"), before + 3);

  const std::string pictures = story().File("pictures");
  const Answer shown = officer({"notice", "show", "UTO-BLANKS-1", "--pictures", pictures});
  ASSERT_THAT(shown.lines, SizeIs(1)) << shown.err;
  EXPECT_EQ(shown.lines[0]["features"][0].value("name", ""), "watermark");
  EXPECT_TRUE(std::filesystem::file_size(pictures + "/feature-1.jpeg") > 0);

  const auto is_import = [&](const audit::Leaf& leaf) {
    return leaf.verb == kImportVerb && leaf.identity == "trust-operator" && leaf.outcome == "OK" &&
           std::find(leaf.subjects.begin(), leaf.subjects.end(), import_id) != leaf.subjects.end();
  };
  EXPECT_THAT(story().AuditOf("document"), Contains(::testing::Truly(is_import)));
}

}  // namespace
}  // namespace gatehouse::integration
