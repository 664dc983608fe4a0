#include "libs/rpc/admission.h"

#include <gtest/gtest.h>

namespace gatehouse::rpc {
namespace {

using Answer = Admission::Answer;

TEST(AdmissionTest, NobodyEntersBeforeItOpensOrAfterItCloses) {
  Admission door(10);
  EXPECT_EQ(door.Enter("gate-1", false), Answer::kClosed);
  door.Open();
  EXPECT_EQ(door.Enter("gate-1", false), Answer::kEnter);
  EXPECT_FALSE(door.CloseAndWait(absl::Milliseconds(1))) << "one is inside";
  EXPECT_EQ(door.Enter("gate-2", false), Answer::kClosed);
  door.Leave("gate-1");
  EXPECT_TRUE(door.CloseAndWait(absl::Milliseconds(1)));
}

TEST(AdmissionTest, AnIdentityHasItsShareAndTheOthersGetIn) {
  Admission door({.calls = 100, .calls_of_machine = 3, .calls_of_person = 2});
  door.Open();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(door.Enter("gate-1", false), Answer::kEnter);
  EXPECT_EQ(door.Enter("gate-1", false), Answer::kFullForIdentity);
  EXPECT_EQ(door.Enter("gate-2", false), Answer::kEnter);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(door.Enter("officer-1", true), Answer::kEnter);
  EXPECT_EQ(door.Enter("officer-1", true), Answer::kFullForIdentity);
  door.Leave("gate-1");
  EXPECT_EQ(door.Enter("gate-1", false), Answer::kEnter) << "who leaves makes room for himself";
}

TEST(AdmissionTest, AllTogetherHaveABoundToo) {
  Admission door({.calls = 2, .calls_of_machine = 2, .calls_of_person = 2});
  door.Open();
  EXPECT_EQ(door.Enter("gate-1", false), Answer::kEnter);
  EXPECT_EQ(door.Enter("gate-2", false), Answer::kEnter);
  EXPECT_EQ(door.Enter("gate-3", false), Answer::kFull);
}

TEST(AdmissionTest, SharesToBeginWith) {
  const Admission::Limits limits = Admission::Limits::Of(1024);
  EXPECT_EQ(limits.calls_of_machine, 256);
  EXPECT_EQ(limits.calls_of_person, 64);
  EXPECT_EQ(Admission::Limits::Of(1).calls_of_person, 1) << "nobody is shut out";
}

}  // namespace
}  // namespace gatehouse::rpc
