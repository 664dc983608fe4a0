// gmock matchers for absl::Status and absl::StatusOr<T>, which Debian's Abseil does not ship:
//   EXPECT_THAT(Parse(text), IsOk());
//   EXPECT_THAT(Parse(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line 3")));
//   EXPECT_THAT(Parse(text), IsOkAndHolds(42));
//   ASSERT_OK(database->Write(...));   ASSERT_OK_AND_ASSIGN(auto rows, database->Query(...));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gatehouse::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, negation ? "is an error" : "is OK") {
  const absl::Status status = StatusOf(arg);
  if (!status.ok()) *result_listener << status.ToString();
  return status.ok();
}

MATCHER_P(StatusIs, code, "has status " + absl::StatusCodeToString(code)) {
  const absl::Status status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code;
}

MATCHER_P2(StatusIs, code, message, "has status " + absl::StatusCodeToString(code) + " and a matching message") {
  const absl::Status status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code &&
         ::testing::ExplainMatchResult(message, std::string(status.message()), result_listener);
}

MATCHER_P(IsOkAndHolds, value, "is OK and holds a matching value") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(value, *arg, result_listener);
}

}  // namespace gatehouse::testing

#define ASSERT_OK(expression) ASSERT_THAT((expression), ::gatehouse::testing::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT((expression), ::gatehouse::testing::IsOk())

#define GH_TESTING_CONCAT_INNER_(a, b) a##b
#define GH_TESTING_CONCAT_(a, b) GH_TESTING_CONCAT_INNER_(a, b)
#define GH_TESTING_ASSIGN_(result, lhs, expression)       \
  auto result = (expression);                             \
  ASSERT_TRUE(result.ok()) << result.status().ToString(); \
  lhs = std::move(result).value()
#define ASSERT_OK_AND_ASSIGN(lhs, expression) \
  GH_TESTING_ASSIGN_(GH_TESTING_CONCAT_(gh_result_, __LINE__), lhs, expression)
