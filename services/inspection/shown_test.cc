#include "services/inspection/shown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace gatehouse::inspection {
namespace {

using ::testing::SizeIs;

base::Identity Anna() {
  return {.name = {.primary = "ERIKSSON", .secondary = "ANNA", .mrz_name = "ERIKSSON<<ANNA<<<"},
          .birth_date = {1974, 8, 12},
          .sex = base::Sex::kFemale,
          .nationality = "UTO",
          .document = {.number = "L898902C3", .issuer = "UTO", .type = "P"},
          .expiry_date = {2032, 4, 15}};
}

Sighting At(ShownAt place, base::Identity identity) {
  return {.at = place, .identity = base::Redacted(std::move(identity))};
}

Shown Of(std::vector<Sighting> sightings) { return CollectShown(sightings, base::Redacted(Anna())); }

TEST(CollectShown, WhatIsShownEverywhereIsAskedOnce) {
  base::Identity page = Anna();
  page.name = {.primary = "Eriksson", .secondary = "Anna"};
  page.expiry_date = {};
  page.sex = base::Sex::kUnspecified;
  const Shown shown = Of({At(ShownAt::kKeyed, {.document = {.number = "l898902c3"}}), At(ShownAt::kZone, Anna()),
                          At(ShownAt::kPage, page), At(ShownAt::kChip, Anna())});
  ASSERT_THAT(shown.documents, SizeIs(1));
  EXPECT_EQ(shown.documents[0].shown_at, "chip, zone, page, keyed");
  ASSERT_THAT(shown.persons, SizeIs(1));
  EXPECT_EQ(shown.persons[0].about.Reveal(), Anna());
  EXPECT_THAT(shown.travellers, SizeIs(1));
}

TEST(CollectShown, EachDifferenceIsAQuestion) {
  base::Identity number = Anna();
  number.document.number = "OTHER1";
  base::Identity born = Anna();
  born.birth_date = {1975, 8, 12};
  const Shown shown = Of({At(ShownAt::kChip, Anna()), At(ShownAt::kZone, number), At(ShownAt::kPage, born)});
  ASSERT_THAT(shown.documents, SizeIs(2));
  EXPECT_EQ(shown.documents[0].shown_at, "chip, page");
  EXPECT_EQ(shown.documents[1].shown_at, "zone");
  ASSERT_THAT(shown.persons, SizeIs(2));
  EXPECT_EQ(shown.persons[1].shown_at, "page");
  EXPECT_THAT(shown.travellers, SizeIs(3));
}

// A visa and a passport of one number are two documents; without a type the number is the chosen document's.
TEST(CollectShown, AKindOfDocumentIsADifference) {
  base::Identity visa = Anna();
  visa.document.type = "V";
  base::Identity keyed = Anna();
  keyed.document.type = "";
  const Shown shown = Of({At(ShownAt::kChip, Anna()), At(ShownAt::kVisa, visa), At(ShownAt::kKeyed, keyed)});
  ASSERT_THAT(shown.documents, SizeIs(2));
  EXPECT_EQ(shown.documents[0].shown_at, "chip, keyed");
  EXPECT_EQ(shown.documents[1].about.Reveal().document.type, "V");
}

// A name may come in three forms. One that repeats another is no question; one that says something else is.
TEST(CollectShown, EveryFormOfANameThatSaysSomethingElseIsAsked) {
  base::Identity same = Anna();
  same.name.full = absl::StrCat(Anna().name.secondary, " ", Anna().name.primary);
  same.name.mrz_name = absl::StrCat(Anna().name.primary, "<<", Anna().name.secondary, "<<<<");
  EXPECT_THAT(Of({At(ShownAt::kChip, Anna()), At(ShownAt::kKeyed, same)}).persons, SizeIs(1));
  base::Identity full = Anna();
  full.name.full = "YEVHENIIA OKSANA DROZDOV";
  base::Identity zone = Anna();
  zone.name.mrz_name = "DROZDOV<<YEVHENIIA";
  const Shown shown = Of({At(ShownAt::kChip, Anna()), At(ShownAt::kPage, zone), At(ShownAt::kKeyed, full)});
  ASSERT_THAT(shown.persons, SizeIs(3));
  EXPECT_EQ(shown.persons[1].about.Reveal().name.mrz_name, "DROZDOV<<YEVHENIIA");
  EXPECT_EQ(shown.persons[2].about.Reveal().name.full, "YEVHENIIA OKSANA DROZDOV");
}

TEST(CollectShown, TheNumberOfAVisaIsNoDocumentOfItsBearer) {
  base::Identity visa = Anna();
  visa.document = {.number = "V1", .issuer = "XYZ", .type = "V"};
  const Shown shown = Of({At(ShownAt::kZone, Anna()), At(ShownAt::kVisa, visa)});
  ASSERT_THAT(shown.documents, SizeIs(2));
  EXPECT_EQ(shown.documents[1].about.Reveal().document.number, "V1");
  ASSERT_THAT(shown.travellers, SizeIs(1));
  EXPECT_EQ(shown.travellers[0].about.Reveal().document.number, "L898902C3");
}

TEST(CollectShown, ANumberInWhichNothingCanBeSearchedIsStillAskedFor) {
  base::Identity odd = Anna();
  odd.document.number = "\u2116\u2116";
  EXPECT_THAT(Of({At(ShownAt::kChip, Anna()), At(ShownAt::kPage, odd)}).documents, SizeIs(2));
  EXPECT_TRUE(CollectShown({}, {}).empty());
}

}  // namespace
}  // namespace gatehouse::inspection
