// VerifySeal over mTLS, with the authorisation matrix that is shipped.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "gatehouse/document/v1/seal_service.grpc.pb.h"
#include "libs/emrtd/seals/seal_state_for_tests.h"
#include "libs/rpc/errors.h"
#include "libs/runtime/testing.h"
#include "libs/testing/status_matchers.h"
#include "services/document/module.h"

namespace gatehouse::document {
namespace {

using emrtd::seals::SealState;

class SealServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file("deploy/authorization/matrix.textproto");
    const std::string matrix(std::istreambuf_iterator<char>(file), {});
    ASSERT_OK_AND_ASSIGN(process_, runtime::TestProcess::Start({kModule}, {.matrix = matrix}));
  }

  absl::StatusOr<v1::SealReport> Verify(const std::string& identity, const std::string& seal) {
    const auto channel = process_->ChannelAs(identity);
    const auto stub = v1::SealService::NewStub(channel);
    v1::VerifySealRequest request;
    request.set_seal(seal);
    request.mutable_check_time()->set_seconds(1'781'000'000);  // June 2026
    v1::VerifySealResponse response;
    grpc::ClientContext context;
    const grpc::Status status = stub->VerifySeal(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response.report();
  }

  std::string Permit() const {
    constexpr char kZone[] = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<D231458907UTO7408122F1204159<<<<<<<6";
    return *emrtd::seals::IssueVds({.issuing_country = "UTO",
                                    .signer_identifier = "UTTS",
                                    .certificate_reference = "5B",
                                    .issue_date = absl::CivilDay(2026, 1, 1),
                                    .signature_date = absl::CivilDay(2026, 1, 2),
                                    .feature_definition = 0xFB06,
                                    .fields = {{"mrz", kZone}, {"passport_number", "UFO001979"}}},
                                   *state_.key());
  }

  SealState state_;
  std::unique_ptr<runtime::TestProcess> process_;
};

TEST_F(SealServiceTest, TellsWhatTheSealSaysAndThatNobodyVouchesForIt) {
  ASSERT_OK_AND_ASSIGN(const v1::SealReport report, Verify("officer-1", absl::BytesToHexString(Permit())));
  EXPECT_EQ(report.kind(), "vds");
  EXPECT_EQ(report.issuing_country(), "UTO");
  EXPECT_EQ(report.feature_definition(), "fb06");
  EXPECT_EQ(report.issue_date(), "2026-01-01");
  ASSERT_EQ(report.features_size(), 2);
  EXPECT_EQ(report.features(1).value(), "UFO001979");
  EXPECT_EQ(report.signature(), "undetermined");
  EXPECT_EQ(report.chain(), "undetermined");
  EXPECT_EQ(report.overall(), v1::OVERALL_UNDETERMINED);
  EXPECT_FALSE(report.reason().empty());
}

TEST_F(SealServiceTest, RefusesWhatIsNoSealAndWhoIsNoOfficer) {
  EXPECT_EQ(Verify("officer-1", "nothing").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Verify("list-owner", Permit()).status().code(), absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace gatehouse::document
