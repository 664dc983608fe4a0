#include "services/watchlist/edition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace gatehouse::watchlist {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

absl::Time At(const char* text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%dT%H:%M", text, absl::UTCTimeZone(), &time, &error)) << error;
  return time;
}

SnapshotContent Edition(int entries, const std::string& published, const std::string& sha256 = "new") {
  SnapshotContent content;
  content.version = "v-" + sha256;
  content.published = published;
  content.sha256 = sha256;
  content.imported_at = At("2026-11-30T12:00");
  for (int i = 0; i < entries; ++i) content.documents.push_back({.record_id = absl::StrCat("D", i)});
  return content;
}

HeldEdition Held(const SnapshotContent& content) {
  return {.version = content.version,
          .published = content.published,
          .sha256 = content.sha256,
          .records = static_cast<int64_t>(content.documents.size()),
          .content = &content};
}

TEST(ConfirmedAtTest, AnEditionIsTheOwnersWordUpToTheEndOfItsDay) {
  EXPECT_EQ(ConfirmedAt(Edition(1, "2026-11-30"), {}), At("2026-11-30T12:00")) << "not after its import";
  EXPECT_EQ(ConfirmedAt(Edition(1, "2026-10-31"), {}), At("2026-11-01T00:00"));
  EXPECT_EQ(ConfirmedAt(Edition(1, "2024-02-29"), {}), At("2024-03-01T00:00"));
  EXPECT_EQ(ConfirmedAt(Edition(1, "2025-12-31"), {}), At("2026-01-01T00:00"));
  EXPECT_EQ(ConfirmedAt(Edition(1, ""), {}), std::nullopt) << "the time of an import says nothing";
}

TEST(ConfirmedAtTest, TwoPeopleRenewItAndOneDoesNot) {
  const SnapshotContent old = Edition(1, "2026-10-31");
  const Word first{"a", At("2026-11-29T10:00")}, again{"a", At("2026-11-30T10:00")},
      second{"b", At("2026-11-30T09:00")};
  EXPECT_EQ(ConfirmedAt(old, {first}), At("2026-11-01T00:00"));
  EXPECT_EQ(ConfirmedAt(old, {first, again}), At("2026-11-01T00:00")) << "the same person twice is one";
  EXPECT_EQ(ConfirmedAt(old, {again, second}), At("2026-11-30T09:00")) << "from when both say so";
  EXPECT_EQ(ConfirmedAt(Edition(1, ""), {first, second}), At("2026-11-29T10:00"));
}

TEST(GiveDateTest, TheListsOwnDateIsNotContradictedAndNoDayIsYetToCome) {
  const absl::Time now = At("2026-11-30T23:30");
  ImportResult dated{.published = "2026-11-30"};
  EXPECT_TRUE(GiveDate("", now, dated).ok());
  EXPECT_EQ(GiveDate("2026-11-29", now, dated).code(), absl::StatusCode::kInvalidArgument);
  ImportResult dateless;
  EXPECT_TRUE(GiveDate("", now, dateless).ok());
  for (const char* wrong : {"2026-11", "2026-02-30", "yesterday", "2026-12-02"}) {
    ImportResult import;
    EXPECT_EQ(GiveDate(wrong, now, import).code(), absl::StatusCode::kInvalidArgument) << wrong;
  }
  EXPECT_TRUE(GiveDate("2026-12-01", now, dateless).ok()) << "the owner's day began before ours";
  EXPECT_EQ(dateless.published, "2026-12-01");
}

TEST(PlanImportTest, TheFirstEditionAndALaterOneAreTaken) {
  const auto first = PlanImport(std::nullopt, Edition(3, "2026-11-30"), 0, 3, {}, {});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(first->reasons, IsEmpty());
  const SnapshotContent before = Edition(100, "2026-11-29", "old");
  const auto grown = PlanImport(Held(before), Edition(102, "2026-11-30"), 0, 102, {}, {});
  ASSERT_TRUE(grown.ok()) << grown.status();
  EXPECT_THAT(grown->reasons, IsEmpty());
  EXPECT_EQ(grown->change.added, 2);
}

TEST(PlanImportTest, AnOlderOneIsRefusedUnlessNamedAndThenWaits) {
  const SnapshotContent before = Edition(100, "2026-11-29", "old");
  const SnapshotContent older = Edition(100, "2026-11-28");
  EXPECT_EQ(PlanImport(Held(before), older, 0, 100, {}, {}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(PlanImport(Held(before), Edition(100, ""), 0, 100, {}, {}).status().code(),
            absl::StatusCode::kFailedPrecondition)
      << "of no date at all";
  EXPECT_EQ(PlanImport(Held(before), older, 0, 100, {.allow_older = "2026-11-27"}, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  for (const char* name : {"2026-11-28", "v-new"}) {
    const auto plan = PlanImport(Held(before), older, 0, 100, {.allow_older = name}, {});
    ASSERT_TRUE(plan.ok()) << plan.status();
    ASSERT_THAT(plan->reasons, SizeIs(1));
    EXPECT_THAT(plan->reasons[0], HasSubstr("back in time"));
  }
  EXPECT_TRUE(PlanImport(Held(before), Edition(100, "2026-11-29"), 0, 100, {}, {}).ok()) << "twice a day";
}

TEST(PlanImportTest, TheSameFileAgainIsNoChange) {
  const SnapshotContent before = Edition(100, "2026-11-29", "old");
  for (const char* published : {"2026-11-29", "2026-11-30", ""}) {
    const auto plan = PlanImport(Held(before), Edition(100, published, "old"), 0, 100, {}, {});
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_TRUE(plan->unchanged) << published;
  }
  const SnapshotContent dateless = Edition(100, "", "old");
  EXPECT_FALSE(PlanImport(Held(dateless), Edition(100, "2026-11-29", "old"), 0, 100, {}, {})->unchanged)
      << "a date for a list that had none";
  HeldEdition damaged = Held(before);
  damaged.content = nullptr;
  EXPECT_FALSE(PlanImport(damaged, Edition(100, "2026-11-29", "old"), 0, 100, {}, {})->unchanged) << "it is mended";
}

TEST(PlanImportTest, AnotherKindAndAnotherFormatWaitAndSayWhich) {
  SnapshotContent documents = Edition(10, "2026-11-29", "old");
  documents.format = "document-csv";
  SnapshotContent persons = Edition(10, "2026-11-30");
  persons.format = "un-xml";
  EXPECT_THAT(PlanImport(Held(documents), persons, 0, 10, {}, {})->reasons,
              ElementsAre("its format is un-xml, and the base holds document-csv"));
  EXPECT_THAT(PlanImport(std::nullopt, persons, 0, 10, {}, {}, {.for_documents = true})->reasons,
              ElementsAre("the configuration requires the base for documents, and un-xml is of another kind"));
  EXPECT_THAT(PlanImport(std::nullopt, documents, 0, 10, {}, {}, {.for_persons = true})->reasons, SizeIs(1));
  EXPECT_THAT(PlanImport(std::nullopt, persons, 0, 10, {}, {}, {.for_persons = true})->reasons, IsEmpty());
  EXPECT_THAT(PlanImport(Held(documents), documents, 0, 10, {}, {}, {.for_documents = true})->reasons, IsEmpty());
  EXPECT_THAT(PlanImport(std::nullopt, persons, 0, 10, {}, {}, {.is_unknown = true})->reasons, SizeIs(1));
  documents.sha256 = "older";
  EXPECT_THAT(PlanImport(Held(documents), Edition(10, "2026-11-30"), 0, 10, {}, {}, {.is_unknown = true})->reasons,
              ElementsAre(HasSubstr("its format is")))
      << "a base that is there is no new one";
}

TEST(PlanImportTest, WhatShrinksOrCannotBeReadWaits) {
  const SnapshotContent before = Edition(100, "2026-11-29", "old");
  EXPECT_THAT(PlanImport(Held(before), Edition(90, "2026-11-30"), 0, 90, {}, {})->reasons, IsEmpty());
  const auto cut = PlanImport(Held(before), Edition(89, "2026-11-30"), 0, 89, {}, {});
  ASSERT_THAT(cut->reasons, SizeIs(1));
  EXPECT_EQ(cut->reasons[0], "it lacks 11 of the 100 entries that are held");
  EXPECT_THAT(PlanImport(Held(before), Edition(89, "2026-11-30"), 0, 89, {}, {.lost_percent = 20})->reasons, IsEmpty());
  EXPECT_THAT(PlanImport(Held(before), Edition(100, "2026-11-30"), 11, 111, {}, {})->reasons, IsEmpty());
  EXPECT_THAT(PlanImport(Held(before), Edition(100, "2026-11-30"), 12, 112, {}, {})->reasons, SizeIs(1));

  SnapshotContent other = Edition(100, "2026-11-30");
  for (DocumentRecord& document : other.documents) document.record_id += "x";
  EXPECT_THAT(PlanImport(Held(before), other, 0, 100, {}, {})->reasons, SizeIs(1)) << "as many, but other entries";
  HeldEdition damaged = Held(before);
  damaged.content = nullptr;
  EXPECT_THAT(PlanImport(damaged, Edition(3, "2026-11-30"), 0, 3, {}, {})->reasons, SizeIs(2));
}

TEST(PlanImportTest, WhatCannotBeComparedWaits) {
  const SnapshotContent before = Edition(100, "2026-11-29", "old");
  HeldEdition damaged = Held(before);
  damaged.content = nullptr;
  SnapshotContent other = Edition(100, "2026-11-30");
  for (DocumentRecord& document : other.documents) document.record_id += "x";
  const auto replaced = PlanImport(damaged, other, 0, 100, {}, {});
  ASSERT_TRUE(replaced.ok()) << replaced.status();
  EXPECT_THAT(replaced->reasons, ElementsAre("the edition that is held cannot be read and compared"));
  EXPECT_THAT(PlanImport(damaged, Edition(100, "2026-11-29", "old"), 0, 100, {}, {})->reasons, IsEmpty())
      << "the file that was held";
  EXPECT_THAT(PlanImport(damaged, Edition(100, "2026-11-30", "old"), 0, 100, {}, {})->reasons, SizeIs(1))
      << "the file that was held, made newer by one person";
  damaged.sha256.clear();
  EXPECT_THAT(PlanImport(damaged, other, 0, 100, {}, {})->reasons, SizeIs(1)) << "nor does the store say which it was";
}

TEST(PlanImportTest, ASingleOneIsNeverMany) {
  const SnapshotContent two = Edition(2, "2026-11-29", "old");
  EXPECT_THAT(PlanImport(Held(two), Edition(1, "2026-11-30"), 0, 1, {}, {})->reasons, IsEmpty());
  EXPECT_THAT(PlanImport(Held(two), Edition(2, "2026-11-30"), 1, 3, {}, {})->reasons, IsEmpty());
  const SnapshotContent one = Edition(1, "2026-11-29", "old");
  EXPECT_THAT(PlanImport(Held(one), Edition(0, "2026-11-30"), 0, 0, {}, {})->reasons, SizeIs(1)) << "an empty list is";
}

TEST(PlanImportTest, RemovalsThatTheOwnerNamedAreNoLoss) {
  const SnapshotContent before = Edition(10, "2026-11-29", "old");
  const SnapshotContent after = Edition(7, "2026-11-30");
  EXPECT_THAT(PlanImport(Held(before), after, 0, 7, {}, {})->reasons, SizeIs(1));
  EXPECT_THAT(PlanImport(Held(before), after, 0, 7, {.removals = {"D7", "D8", "D9"}}, {})->reasons, IsEmpty());
  for (const char* wrong : {"D1", "elsewhere"}) {
    EXPECT_EQ(PlanImport(Held(before), after, 0, 7, {.removals = {wrong}}, {}).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(PlanImport(Held(before), after, 0, 7, {.removals = {"D7", "D7"}}, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace gatehouse::watchlist
