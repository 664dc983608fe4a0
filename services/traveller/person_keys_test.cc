#include "services/traveller/person_keys.h"

#include <gtest/gtest.h>

#include "services/traveller/test_passages.h"

namespace gatehouse::traveller {
namespace {

TEST(PersonKeys, DocumentIsItsIssuerAndNumberWithoutWhatPrintingAdds) {
  const auto key = base::DocumentText({.number = "L898902C3", .issuer = "UTO", .type = "P"});
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key, base::DocumentText({.number = "l898 902-c3<", .issuer = "uto", .type = ""}));
  EXPECT_NE(key, base::DocumentText({.number = "L898902C4", .issuer = "UTO", .type = "P"}));
  EXPECT_NE(key, base::DocumentText({.number = "L898902C3", .issuer = "XXA", .type = "P"}));
  EXPECT_EQ(base::DocumentText({.number = "C01X00T47", .issuer = "D"}),
            base::DocumentText({.number = "C01X00T47", .issuer = "DEU"}));
}

TEST(PersonKeys, NumberWithoutLettersOrDigitsIsNoKey) {
  EXPECT_FALSE(base::DocumentText({.number = "", .issuer = "UTO"}).has_value());
  EXPECT_FALSE(base::DocumentText({.number = "<<<", .issuer = "UTO"}).has_value());
}

TEST(PersonKeys, IdentityMeetsAcrossSpellings) {
  base::Identity read = AnnaEriksson();
  read.name = {.primary = "MUELLER", .secondary = "JUERGEN"};
  base::Identity keyed = read;
  keyed.name = {.primary = "Müller", .secondary = "Jürgen"};
  base::Identity full = read;
  full.name = {.full = "Müller Jürgen"};
  ASSERT_TRUE(KeysOf(read).identity.has_value());
  EXPECT_EQ(KeysOf(read).identity, KeysOf(keyed).identity);
  EXPECT_EQ(KeysOf(read).identity, KeysOf(full).identity);
}

TEST(PersonKeys, EachPartOfTheIdentityCounts) {
  const base::Identity anna = AnnaEriksson();
  const auto key = KeysOf(anna).identity;
  base::Identity other = anna;
  other.name.secondary = "ANNA";
  EXPECT_NE(KeysOf(other).identity, key);
  other = anna;
  other.birth_date.day = 13;
  EXPECT_NE(KeysOf(other).identity, key);
  other = anna;
  other.sex = base::Sex::kMale;
  EXPECT_NE(KeysOf(other).identity, key);
  other = anna;
  other.nationality = "XXA";
  EXPECT_NE(KeysOf(other).identity, key);
  other = anna;
  other.document = {.number = "NEW", .issuer = "UTO"};
  EXPECT_EQ(KeysOf(other).identity, key);
}

TEST(PersonKeys, NamesakesAreNotMergedOnHalfAnIdentity) {
  base::Identity identity = AnnaEriksson();
  identity.birth_date = {1974, 0, 0};
  EXPECT_FALSE(KeysOf(identity).identity.has_value());
  identity = AnnaEriksson();
  identity.nationality.clear();
  EXPECT_FALSE(KeysOf(identity).identity.has_value());
  identity = AnnaEriksson();
  identity.name = {};
  EXPECT_FALSE(KeysOf(identity).identity.has_value());
}

// A name the tables cannot spell still makes a key, and not the same one for everybody.
TEST(PersonKeys, UnspellableNamesStayApart) {
  base::Identity first = AnnaEriksson();
  first.name = {.primary = "王"};
  base::Identity second = first;
  second.name = {.primary = "李"};
  EXPECT_TRUE(KeysOf(first).identity.has_value());
  EXPECT_NE(KeysOf(first).identity, KeysOf(second).identity);
}

}  // namespace
}  // namespace gatehouse::traveller
