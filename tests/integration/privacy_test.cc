// Last chapter: who looked at whom can be found, and who is erased is gone for good.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/integration/story_fixture.h"

namespace gatehouse::integration {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// The n-th traveller without any fault who was admitted.
const Passage& Admitted(Story& story, size_t n) {
  for (const Passage& passage : story.Passages()) {
    if (passage.traveller.fault == "none" && passage.outcome == "admit" && n-- == 0) return passage;
  }
  return story.Passages().front();
}

TEST_P(StoryTest, WhoLookedAtADocumentIsFoundByItsNumber) {
  const json document = Admitted(story(), 3).inspection["identity"]["document"];
  const std::string key = absl::StrCat(document.value("issuer", ""), ":", document.value("number", ""));
  for (const char* service : {"document", "watchlist", "traveller"}) {
    SCOPED_TRACE(service);
    const std::string folder = story().deployment().node(service).config.data_dir() + "/audit";
    const Answer found = RunGatehouse({"audit", "search", "--dir", folder, "--document", key, "--json"});
    EXPECT_EQ(found.exit_code, kDone) << found.err;
    ASSERT_THAT(found.lines, SizeIs(1));
    const json& leaves = found.lines[0]["found"];
    EXPECT_TRUE(std::any_of(leaves.begin(), leaves.end(), [](const json& leaf) {
      return leaf.value("officer", "") == "officer-1";
    })) << found.out;
    const Answer nobody = RunGatehouse({"audit", "search", "--dir", folder, "--document", "UTO:NEVERASKED", "--json"});
    EXPECT_EQ(nobody.exit_code, kDone) << nobody.err;
    ASSERT_THAT(nobody.lines, SizeIs(1));
    EXPECT_THAT(nobody.lines[0]["found"], IsEmpty());
    EXPECT_TRUE(nobody.lines[0].value("complete", false)) << "searched whole, and nobody is there";
  }
  const std::string folder = story().deployment().node("inspection").config.data_dir() + "/audit";
  const Answer officer = RunGatehouse({"audit", "search", "--dir", folder, "--officer", "officer-1", "--json"});
  EXPECT_EQ(officer.exit_code, kDone) << officer.err;
  ASSERT_THAT(officer.lines, SizeIs(1));
  EXPECT_THAT(officer.lines[0]["found"], Not(IsEmpty()));
}

TEST_P(StoryTest, WhoIsErasedIsGoneAndComesBackAsSomebodyNew) {
  const Passage& passage = Admitted(story(), 4);
  const json document = passage.inspection["identity"]["document"];
  const auto find = [&] {
    return story().As("officer-1", "traveller")(
        {"traveller", "show", "--number", document.value("number", ""), "--issuer", document.value("issuer", "")});
  };
  const Answer before = find();
  ASSERT_THAT(before.lines, SizeIs(1)) << before.err;
  const std::string person = before.lines[0]["person"].value("person_id", "");

  const Arguments erase = {"travellers", "erase",           "--person", person,
                           "--reason",   "subject-request", "--case",   "F-2026-1"};
  EXPECT_EQ(story().As("officer-1", "traveller")(erase).exit_code, kCheckSaysNo) << "an officer erases nobody";
  EXPECT_EQ(find().exit_code, kDone);
  const Answer erased = story().As("data-protection", "traveller")(erase);
  EXPECT_EQ(erased.exit_code, kDone) << erased.err;
  EXPECT_EQ(find().exit_code, kCheckSaysNo) << "nobody of that number is known";
  const Answer receipts = story().As("data-protection", "traveller")({"travellers", "erasures"});
  EXPECT_THAT(receipts.out, ::testing::HasSubstr(person));
  EXPECT_THAT(receipts.out, Not(::testing::HasSubstr(document.value("number", "?"))));
  const Answer shown =
      story().As("auditor", "inspection")({"inspections", "show", passage.inspection.value("inspection_id", "")});
  EXPECT_EQ(shown.exit_code, kDone) << "the inspection is a record of its own: " << shown.err;

  const json again = story().Inspect(passage.traveller.folder, kDone);
  const Answer decided = story().Decide("officer-1", again, "admit");
  ASSERT_THAT(decided.lines, SizeIs(1)) << decided.err;
  EXPECT_EQ(decided.lines[0]["decision"].value("crossing_state", ""), "stored");
  const Answer after = find();
  ASSERT_THAT(after.lines, SizeIs(1)) << after.err;
  EXPECT_NE(after.lines[0]["person"].value("person_id", ""), person);
  EXPECT_THAT(after.lines[0]["history"], SizeIs(1)) << "what was before is not his";
}

}  // namespace
}  // namespace gatehouse::integration
