#include "libs/rpc/errors.h"

#include <gmock/gmock.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace gatehouse::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

google::rpc::ErrorInfo InfoOf(const grpc::Status& status) {
  google::rpc::Status wire;
  EXPECT_TRUE(wire.ParseFromString(status.error_details()));
  google::rpc::ErrorInfo info;
  for (const auto& detail : wire.details()) {
    if (detail.type_url() == "type.googleapis.com/google.rpc.ErrorInfo") {
      EXPECT_TRUE(info.ParseFromString(detail.value()));
    }
  }
  return info;
}

TEST(Errors, OkStaysOk) {
  EXPECT_TRUE(ToGrpc(absl::OkStatus(), "document", "c").ok());
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
}

TEST(Errors, FieldViolationsAndReasonMakeTheRoundTrip) {
  absl::Status status = InvalidField("document.mrz", "has 3 lines of 20 characters");
  AddViolation(status, "direction", "is unspecified");
  status = WithReason(std::move(status), "BAD_DOCUMENT");

  const absl::Status back = FromGrpc(ToGrpc(status, "document", "call-7"));

  EXPECT_EQ(back.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(back.message()), HasSubstr("has 3 lines"));
  EXPECT_THAT(std::string(back.message()), HasSubstr("call-7"));
  EXPECT_EQ(Reason(back), "BAD_DOCUMENT");
  const std::vector<FieldViolation> violations = Violations(back);
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations[0].field, "document.mrz");
  EXPECT_EQ(violations[1].field, "direction");
  EXPECT_EQ(violations[1].description, "is unspecified");
}

TEST(Errors, DomainIsTheServiceWhereTheReasonCameFrom) {
  const absl::Status at_document = WithReason(absl::NotFoundError("x"), "NO_SUCH_CHIP");
  const grpc::Status first = ToGrpc(at_document, "document", "c");
  EXPECT_EQ(InfoOf(first).domain(), "document");
  const grpc::Status relayed = ToGrpc(FromGrpc(first), "inspection", "c");
  EXPECT_EQ(InfoOf(relayed).domain(), "document");
  EXPECT_EQ(relayed.error_message(), "x (call c)") << "the call is named once";
}

TEST(Errors, AStatusWithoutReasonSaysItsCode) {
  EXPECT_EQ(InfoOf(ToGrpc(absl::NotFoundError("x"), "traveller", "c")).reason(), "NOT_FOUND");
}

TEST(Errors, InternalTextStaysInside) {
  for (const absl::Status& status :
       {absl::InternalError("secret"), absl::UnknownError("secret"), absl::DataLossError("secret")}) {
    const grpc::Status outer = ToGrpc(status, "document", "call-8");
    EXPECT_EQ(static_cast<int>(outer.error_code()), static_cast<int>(status.code()));
    EXPECT_THAT(outer.error_message() + outer.error_details(), Not(HasSubstr("secret")));
    EXPECT_THAT(outer.error_message(), HasSubstr("call-8"));
  }
}

TEST(Errors, UnknownSaysThatTheOutcomeIs) {
  const grpc::Status outer = ToGrpc(absl::UnknownError("lost in COMMIT"), "traveller", "call-9");
  EXPECT_EQ(outer.error_code(), grpc::StatusCode::UNKNOWN) << "no retry policy names it";
  EXPECT_EQ(InfoOf(outer).reason(), "OUTCOME_UNKNOWN");
  EXPECT_THAT(outer.error_message(), HasSubstr("request_id"));
}

TEST(Errors, TrailersStayUnderTheLimitOfGrpc) {
  absl::Status status = InvalidField("a", std::string(100'000, 'x'));
  for (int i = 0; i < 1000; ++i) AddViolation(status, "field" + std::to_string(i), std::string(500, 'y'));
  const grpc::Status wire = ToGrpc(status, "document", "c");
  EXPECT_LT(wire.error_message().size() + wire.error_details().size(), 7000u);
  EXPECT_GE(Violations(FromGrpc(wire)).size(), 1u);
}

TEST(Errors, EchoedInputCannotBreakTheTrailers) {
  const absl::Status status = InvalidField("na\xffme", "line\r\nbreak \xc3\x28");
  const std::vector<FieldViolation> violations = Violations(FromGrpc(ToGrpc(status, "d", "c")));
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "na?me");
  EXPECT_EQ(violations[0].description, "line??break ?(");
}

TEST(Errors, DetailsOfAStrangerAreIgnored) {
  const absl::Status status = FromGrpc(grpc::Status(grpc::StatusCode::ABORTED, "m", "not a google.rpc.Status \xff"));
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Reason(status), "");
  EXPECT_TRUE(Violations(status).empty());
}

}  // namespace
}  // namespace gatehouse::rpc
