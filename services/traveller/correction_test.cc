#include "services/traveller/correction.h"

#include <gtest/gtest.h>

#include "services/traveller/test_passages.h"

namespace gatehouse::traveller {
namespace {

Correction Make(CorrectedField field, std::string value) { return {.field = field, .value = std::move(value)}; }

TEST(Correction, EveryFieldHasAWordAndBack) {
  for (const std::string_view word : {"direction", "post", "conveyance", "crossing_time", "outcome"}) {
    const auto field = FindCorrectedField(word);
    ASSERT_TRUE(field.has_value()) << word;
    EXPECT_EQ(CorrectedFieldWord(*field), word);
  }
  EXPECT_FALSE(FindCorrectedField("identity").has_value());
  EXPECT_FALSE(FindCorrectedField("").has_value());
}

TEST(Correction, ValuesAreChecked) {
  EXPECT_EQ(CheckCorrection(CorrectedField::kDirection, "exit"), "");
  EXPECT_NE(CheckCorrection(CorrectedField::kDirection, "EXIT"), "");
  EXPECT_EQ(CheckCorrection(CorrectedField::kPost, "NORTH-1"), "");
  EXPECT_NE(CheckCorrection(CorrectedField::kPost, ""), "");
  EXPECT_NE(CheckCorrection(CorrectedField::kPost, "SEVENTEEN-LETTERS"), "");
  EXPECT_EQ(CheckCorrection(CorrectedField::kConveyance, ""), "");
  EXPECT_NE(CheckCorrection(CorrectedField::kConveyance, "a\nb"), "");
  EXPECT_EQ(CheckCorrection(CorrectedField::kCrossingTime, "2026-03-01T08:30:00Z"), "");
  EXPECT_NE(CheckCorrection(CorrectedField::kCrossingTime, "yesterday"), "");
  EXPECT_NE(CheckCorrection(CorrectedField::kCrossingTime, "infinite-future"), "");
  EXPECT_EQ(CheckCorrection(CorrectedField::kOutcome, "refused"), "");
  EXPECT_NE(CheckCorrection(CorrectedField::kOutcome, "maybe"), "");
}

TEST(Correction, NewestOfAFieldStandsAndTheCrossingIsUntouched) {
  Crossing crossing{.passage = PassageOf(AnnaEriksson())};
  crossing.corrections = {Make(CorrectedField::kDirection, "exit"), Make(CorrectedField::kPost, "SOUTH-2"),
                          Make(CorrectedField::kCrossingTime, "2026-03-01T08:30:00Z"),
                          Make(CorrectedField::kOutcome, "refused"), Make(CorrectedField::kPost, "SOUTH-3")};
  const Passage passage = Corrected(crossing);
  EXPECT_EQ(passage.direction, Direction::kExit);
  EXPECT_EQ(passage.post, "SOUTH-3");
  EXPECT_EQ(passage.conveyance, "UT123");
  EXPECT_EQ(passage.time, absl::FromUnixSeconds(1772353800));
  EXPECT_EQ(passage.outcome, CrossingOutcome::kRefused);
  EXPECT_EQ(crossing.passage.post, "NORTH-1");
}

}  // namespace
}  // namespace gatehouse::traveller
