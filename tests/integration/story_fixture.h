// The fixture of the chapters: one Story for all chapters of a deployment, begun with the first, ended with the last.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "libs/testing/servers.h"
#include "tests/integration/story.h"

namespace gatehouse::integration {

// For the names that gtest prints.
inline void PrintTo(Shape shape, std::ostream* out) { *out << (shape == Shape::kPost ? "post" : "cluster"); }

// An audit leaf that records the refusal of a caller.
inline auto RefusalOf(const std::string& identity, const std::string& verb) {
  using ::testing::AllOf;
  using ::testing::Field;
  return AllOf(Field(&audit::Leaf::kind, audit::Kind::kRefusal), Field(&audit::Leaf::identity, identity),
               Field(&audit::Leaf::verb, verb));
}

class StoryTest : public ::testing::TestWithParam<Shape> {
 protected:
  static void TearDownTestSuite() {
    story_.reset();
    failure_.reset();
  }

  void SetUp() override {
    if (GetParam() == Shape::kCluster) {
      std::string ignored;
      GH_REQUIRE_SERVER(ignored, testing::RequirePostgresql());
      GH_REQUIRE_SERVER(ignored, testing::RequireKafka());
    }
    if (!story_ && !failure_) {
      absl::StatusOr<std::unique_ptr<Story>> story = Story::Begin(GetParam());
      if (story.ok()) story_ = *std::move(story);
      failure_ = story.status();
    }
    ASSERT_TRUE(failure_->ok()) << *failure_;
  }

  static Story& story() { return *story_; }

 private:
  inline static std::unique_ptr<Story> story_;
  inline static std::optional<absl::Status> failure_;  // of the beginning; set once it was tried
};

}  // namespace gatehouse::integration
