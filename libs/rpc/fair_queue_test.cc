#include "libs/rpc/fair_queue.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace gatehouse::rpc {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> TakeAll(FairQueue& queue) {
  std::vector<std::string> taken;
  while (auto next = queue.Take()) taken.push_back(next->identity);
  return taken;
}

TEST(FairQueueTest, IdentitiesAreTakenInTurn) {
  FairQueue queue(/*bound=*/100, /*share=*/100);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(queue.Push("gate", [] {}));
  ASSERT_TRUE(queue.Push("anna", [] {}));
  ASSERT_TRUE(queue.Push("bela", [] {}));
  EXPECT_THAT(TakeAll(queue), ElementsAre("gate", "anna", "bela", "gate", "gate"));
}

TEST(FairQueueTest, TheTasksOfOneIdentityKeepTheirOrder) {
  FairQueue queue(100, 100);
  std::vector<int> ran;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(queue.Push("gate", [&ran, i] { ran.push_back(i); }));
  while (auto next = queue.Take()) next->task();
  EXPECT_THAT(ran, ElementsAre(0, 1, 2));
}

TEST(FairQueueTest, NoIdentityRunsOverItsShare) {
  FairQueue queue(100, /*share=*/2);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(queue.Push("gate", [] {}));
  EXPECT_THAT(TakeAll(queue), ElementsAre("gate", "gate"));
  ASSERT_TRUE(queue.Push("anna", [] {}));
  EXPECT_THAT(TakeAll(queue), ElementsAre("anna")) << "past what the gate has waiting";
  queue.Done("gate");
  EXPECT_THAT(TakeAll(queue), ElementsAre("gate"));
  queue.Done("anna");
  EXPECT_THAT(TakeAll(queue), ElementsAre());
}

TEST(FairQueueTest, WhatWaitsIsBounded) {
  FairQueue queue(2, 1);
  EXPECT_TRUE(queue.Push("gate", [] {}));
  EXPECT_TRUE(queue.Push("anna", [] {}));
  EXPECT_FALSE(queue.Push("bela", [] {}));
  EXPECT_TRUE(queue.Take().has_value());
  EXPECT_TRUE(queue.Push("bela", [] {})) << "what runs does not wait";
}

}  // namespace
}  // namespace gatehouse::rpc
