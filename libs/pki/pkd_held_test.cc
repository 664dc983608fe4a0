#include "libs/pki/pkd_held.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::pki {
namespace {

using enum PkdCollection;
using ::testing::HasSubstr;

PkdVersions Whole(std::set<PkdCollection> collections, std::set<int64_t> stated) {
  return {.collections = std::move(collections), .stated = std::move(stated)};
}
PkdVersions Delta(std::set<PkdCollection> collections, std::set<int64_t> stated) {
  return {.is_delta = true, .collections = std::move(collections), .stated = std::move(stated)};
}

TEST(PkdHeldTest, EveryCollectionCountsForItself) {
  PkdHeld held;
  EXPECT_FALSE(held.MayTake(Delta({kSigners}, {8})).ok()) << "no whole file";
  held.Take(Whole({kSigners}, {3, 7}));
  held.Take(Whole({kMasterLists}, {40}));
  EXPECT_EQ(held.text(), "1=7 2=40");
  EXPECT_TRUE(held.MayTake(Delta({kSigners}, {8})).ok());
  EXPECT_THAT(std::string(held.MayTake(Delta({kMasterLists}, {43})).message()), HasSubstr("missing 41 to 42"));
  EXPECT_FALSE(held.MayTake(Delta({kNonconformant}, {8})).ok());
  EXPECT_FALSE(held.MayTake(Delta({}, {8})).ok());
  held.Take(Delta({kSigners}, {8}));
  EXPECT_EQ(held.version(kSigners), 8);
  EXPECT_THAT(std::string(held.MayTake(Delta({kSigners}, {8})).message()), HasSubstr("held already"));
  held.Take(Whole({kSigners}, {2}));
  EXPECT_EQ(held.version(kSigners), 8) << "an old dump does not turn it back";
}

TEST(PkdHeldTest, CollectionsOfOneFileShareACounter) {
  PkdHeld held;
  held.Take(Whole({kSigners, kNonconformant}, {10}));
  EXPECT_EQ(held.text(), "1+3=10");
  held.Take(Delta({kSigners}, {11}));
  EXPECT_TRUE(held.MayTake(Delta({kNonconformant}, {12})).ok());
  held.Take(Whole({kNonconformant}, {4}));
  EXPECT_EQ(held.text(), "1=11 3=11");
}

TEST(PkdHeldTest, ItsTextIsReadBackAndNothingElse) {
  for (const char* text : {"", "1=0", "1=9410 2=325", "1+3=1017 2=5"}) {
    const auto held = PkdHeld::Parse(text);
    ASSERT_TRUE(held.ok()) << text;
    EXPECT_EQ(held->text(), text);
  }
  for (const char* text : {"1", "1=", "=4", "0=1", "4=1", "1=-1", "1=1 1=2", "1+1=2", "1=x", "1=1=1"}) {
    EXPECT_FALSE(PkdHeld::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace gatehouse::pki
