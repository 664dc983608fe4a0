// The administration of trust over mTLS, with the authorisation matrix that is shipped: a request is done once and
// answered as often as it comes.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "gatehouse/document/v1/trust_service.grpc.pb.h"
#include "libs/pki/specimen_for_tests.h"
#include "libs/rpc/errors.h"
#include "libs/runtime/testing.h"
#include "libs/testing/status_matchers.h"
#include "services/document/module.h"

namespace gatehouse::document {
namespace {

using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;
using Stub = v1::TrustAdminService::Stub;

class TrustServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file("deploy/authorization/matrix.textproto");
    const std::string matrix(std::istreambuf_iterator<char>(file), {});
    ASSERT_OK_AND_ASSIGN(process_, runtime::TestProcess::Start({kModule}, {.matrix = matrix}));
    const pki::specimen::Key key("prime256v1");
    authority_ = pki::specimen::MakeCertificate({.subject = pki::specimen::Name("UT", "CSCA"),
                                                 .key_info = key.info,
                                                 .authority = true,
                                                 .key_usage = 0x06,
                                                 .algorithm = pki::specimen::DefaultAlgorithm("prime256v1")},
                                                key);
  }
  v1::ImportTrustRequest ImportOf(const std::string& request_id, const std::string& note = "") const {
    v1::ImportTrustRequest request;
    request.set_request_id(request_id);
    request.set_note(note);
    v1::TrustFile& file = *request.add_files();
    file.set_name("csca.cer");
    file.set_content(authority_);
    return request;
  }
  absl::StatusOr<v1::ImportTrustResponse> Import(const v1::ImportTrustRequest& request,
                                                 const std::string& identity = "trust-operator") {
    return process_->Call<v1::TrustAdminService>(identity, &Stub::ImportTrust, request);
  }
  absl::StatusOr<v1::AcceptTrustResponse> Accept(const std::string& request_id, const std::string& import_id) {
    v1::AcceptTrustRequest request;
    request.set_request_id(request_id);
    request.set_import_id(import_id);
    return process_->Call<v1::TrustAdminService>("trust-operator-2", &Stub::AcceptTrust, request);
  }
  int Imports() {
    const auto listed =
        process_->Call<v1::TrustAdminService>("auditor", &Stub::ListTrustImports, v1::ListTrustImportsRequest());
    EXPECT_THAT(listed, IsOk());
    return listed.ok() ? listed->imports_size() : -1;
  }

  std::unique_ptr<runtime::TestProcess> process_;
  std::string authority_;
};

TEST_F(TrustServiceTest, TheSameRequestIsDoneOnceAndAnsweredAsBefore) {
  ASSERT_OK_AND_ASSIGN(const v1::ImportTrustResponse imported, Import(ImportOf("import-1")));
  ASSERT_OK_AND_ASSIGN(const v1::ImportTrustResponse again, Import(ImportOf("import-1")));
  EXPECT_EQ(again.SerializeAsString(), imported.SerializeAsString());
  EXPECT_EQ(Imports(), 1);

  ASSERT_OK_AND_ASSIGN(const v1::AcceptTrustResponse accepted, Accept("accept-1", imported.import_id()));
  ASSERT_THAT(process_->Restart(), IsOk());
  ASSERT_OK_AND_ASSIGN(const v1::AcceptTrustResponse accepted_again, Accept("accept-1", imported.import_id()));
  EXPECT_EQ(accepted_again.SerializeAsString(), accepted.SerializeAsString());
  EXPECT_THAT(Accept("accept-2", imported.import_id()), StatusIs(absl::StatusCode::kFailedPrecondition))
      << "another request finds it decided";

  ASSERT_OK_AND_ASSIGN(const v1::ImportTrustResponse known, Import(ImportOf("import-2")));
  EXPECT_EQ(known.import_id(), "") << "nothing was new";
  ASSERT_OK_AND_ASSIGN(const v1::ImportTrustResponse known_again, Import(ImportOf("import-2")));
  EXPECT_EQ(known_again.SerializeAsString(), known.SerializeAsString());
}

TEST_F(TrustServiceTest, AnIdBelongsToOneRequestOfOneCaller) {
  ASSERT_THAT(Import(ImportOf("import-1")), IsOk());
  EXPECT_THAT(Import(ImportOf("import-1", "another note")), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Import(ImportOf("import-1"), "trust-operator-2"), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Accept("import-1", "?"), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Import(ImportOf("")), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Import(ImportOf("with a blank")), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(Imports(), 1);
}

TEST_F(TrustServiceTest, WhatFailedMayComeAgain) {
  EXPECT_THAT(Accept("accept-1", "no such import"), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK_AND_ASSIGN(const v1::ImportTrustResponse imported, Import(ImportOf("import-1")));
  EXPECT_THAT(Accept("accept-1", imported.import_id()), IsOk());
}

}  // namespace
}  // namespace gatehouse::document
