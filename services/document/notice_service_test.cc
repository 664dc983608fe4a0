// Notices over mTLS, with the authorisation matrix that is shipped: imported by one, looked up and matched for another.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gatehouse/document/v1/document_service.grpc.pb.h"
#include "gatehouse/document/v1/notice_service.grpc.pb.h"
#include "libs/audit/audit.h"
#include "libs/rpc/errors.h"
#include "libs/runtime/testing.h"
#include "libs/testing/status_matchers.h"
#include "services/document/module.h"
#include "services/document/notice_publisher_for_tests.h"

namespace gatehouse::document {
namespace {

using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The specimen of Doc 9303-4 appendix B.
constexpr char kZone[] = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";

class NoticeServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file("deploy/authorization/matrix.textproto");
    const std::string matrix(std::istreambuf_iterator<char>(file), {});
    const std::string issuer = folder_.File("issuer.der");
    std::ofstream(issuer, std::ios::binary) << publisher_.certificate();
    ASSERT_OK_AND_ASSIGN(process_, runtime::TestProcess::Start(
                                       {kModule}, {.matrix = matrix, .edit = [issuer](runtime::v1::Config& config) {
                                                     config.mutable_document()->add_notice_issuer_files(issuer);
                                                   }}));
  }

  absl::StatusOr<v1::ImportNoticesResponse> Import(const std::string& identity, const std::string& bundle,
                                                   const std::string& request_id = "") {
    v1::ImportNoticesRequest request;
    request.set_request_id(request_id.empty() ? absl::StrCat("import-", ++requests_) : request_id);
    request.set_name("notices.cms");
    request.set_content(bundle);
    return process_->Call<v1::NoticeAdminService>(identity, &v1::NoticeAdminService::Stub::ImportNotices, request);
  }
  v1::DocumentReport Verify(bool replay = false) {
    v1::VerifyRequest request;
    request.mutable_document()->set_mrz(kZone);
    request.set_replay(replay);
    const auto response = process_->Call<v1::DocumentService>("officer-1", &v1::DocumentService::Stub::Verify, request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->report() : v1::DocumentReport();
  }
  std::vector<v1::NoticeStatistics> Statistics() {
    const auto response = process_->Call<v1::NoticeAdminService>(
        "auditor", &v1::NoticeAdminService::Stub::ListNoticeStatistics, v1::ListNoticeStatisticsRequest());
    EXPECT_THAT(response, IsOk());
    if (!response.ok()) return {};
    return {response->statistics().begin(), response->statistics().end()};
  }
  static v1::Tr03135Check CheckOf(const v1::DocumentReport& report) {
    for (const v1::Tr03135Check& check : report.tr03135()) {
      if (check.id() == "fraud_notices") return check;
    }
    ADD_FAILURE() << "no check fraud_notices";
    return {};
  }

  int requests_ = 0;
  testing::TemporaryFolder folder_;
  NoticePublisher publisher_, stranger_;
  std::unique_ptr<runtime::TestProcess> process_;
};

TEST_F(NoticeServiceTest, AMatchIsShownCountedOnceAndKept) {
  EXPECT_THAT(CheckOf(Verify()).detail(), HasSubstr("NOT_DONE: no notices are loaded"));
  ASSERT_THAT(
      Import("trust-operator", publisher_.SignNotices({NoticePublisher::Row("P-1", "stolen_blank", "L898902C3"),
                                                       NoticePublisher::Row("P-2", "counterfeit", "X########")})),
      IsOk());
  const v1::DocumentReport report = Verify();
  ASSERT_THAT(report.notices(), SizeIs(1));
  EXPECT_EQ(report.notices(0).id(), "P-1");
  EXPECT_EQ(report.notices(0).kind(), "stolen_blank");
  EXPECT_EQ(report.notices(0).look_here(), "Hold the page against the light.");
  EXPECT_THAT(report.notices(0).matched_by(), ElementsAre("issuing_state", "document_code", "number_pattern"));
  EXPECT_EQ(CheckOf(report).state(), v1::CHECK_STATE_UNDETERMINED);
  ASSERT_THAT(CheckOf(report).evidence().lists(), SizeIs(1));
  const v1::ListReference& list = report.lists(CheckOf(report).evidence().lists(0));
  EXPECT_EQ(list.kind(), "notices");
  EXPECT_EQ(list.version(), "1");

  const v1::DocumentReport replayed = Verify(/*replay=*/true);
  EXPECT_THAT(replayed.notices(), IsEmpty());
  EXPECT_THAT(CheckOf(replayed).detail(), HasSubstr("NOT_DONE"));

  std::vector<v1::NoticeStatistics> statistics = Statistics();
  ASSERT_THAT(statistics, SizeIs(1));
  EXPECT_EQ(statistics[0].id(), "P-1");
  EXPECT_EQ(statistics[0].kind(), "stolen_blank");
  EXPECT_EQ(statistics[0].matches(), 1) << "a replay counts nothing";
  EXPECT_EQ(statistics[0].first_match_time().seconds(), statistics[0].last_match_time().seconds());

  Verify();
  ASSERT_THAT(process_->Restart(), IsOk());
  EXPECT_THAT(Verify().notices(), SizeIs(1));
  EXPECT_EQ(Statistics().at(0).matches(), 3) << "an orderly end loses none";
}

TEST_F(NoticeServiceTest, TheSameBundleSentAgainIsAnsweredAsBefore) {
  const std::string bundle = publisher_.SignNotices({NoticePublisher::Row("P-1", "stolen_blank", "L898902C3")});
  ASSERT_OK_AND_ASSIGN(const v1::ImportNoticesResponse first, Import("trust-operator", bundle, "once"));
  ASSERT_OK_AND_ASSIGN(const v1::ImportNoticesResponse again, Import("trust-operator", bundle, "once"));
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  EXPECT_THAT(Import("trust-operator", bundle + " ", "once"), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(NoticeServiceTest, OfficersReadAndOnlyTheTrustOperatorImports) {
  nlohmann::json row = NoticePublisher::Row("P-1");
  row["features"] = {
      {{"name", "watermark"}, {"image", {{"format", "jpeg"}, {"content", absl::Base64Escape("\xFF\xD8\xFF\xE0")}}}}};
  nlohmann::json past = NoticePublisher::Row("P-0");
  past["valid_until"] = "2020-12-31";
  const std::string bundle = publisher_.SignNotices({row, past});
  for (const char* other : {"officer-1", "supervisor", "auditor", "list-owner", "gate-1", "inspection"}) {
    EXPECT_THAT(Import(other, bundle), StatusIs(absl::StatusCode::kPermissionDenied)) << other;
  }
  EXPECT_THAT(Import("trust-operator", stranger_.SignNotices({row})), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(Import("trust-operator", NoticePublisher::NoticesText({row})),
              StatusIs(absl::StatusCode::kInvalidArgument));

  v1::ListNoticesRequest list;
  const auto listed = [&] {
    const auto response = process_->Call<v1::NoticeService>("officer-1", &v1::NoticeService::Stub::ListNotices, list);
    EXPECT_THAT(response, IsOk());
    std::vector<std::string> ids;
    for (const v1::Notice& notice : response->notices()) ids.push_back(notice.id());
    list.set_page_token(response->next_page_token());
    return ids;
  };
  EXPECT_THAT(listed(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const v1::ImportNoticesResponse imported, Import("trust-operator", bundle));
  EXPECT_EQ(imported.import().imported_by(), "trust-operator");
  list.set_page_size(1);
  EXPECT_THAT(listed(), ElementsAre("P-0"));
  EXPECT_THAT(listed(), ElementsAre("P-1"));
  EXPECT_EQ(list.page_token(), "");
  list.set_in_force(true);
  EXPECT_THAT(listed(), ElementsAre("P-1"));
  list.set_issuing_state("D");
  EXPECT_THAT(listed(), IsEmpty());

  v1::GetNoticeRequest get;
  get.set_id("P-1");
  ASSERT_OK_AND_ASSIGN(const v1::GetNoticeResponse got,
                       process_->Call<v1::NoticeService>("officer-1", &v1::NoticeService::Stub::GetNotice, get));
  EXPECT_EQ(got.notice().features(0).image().content(), "\xFF\xD8\xFF\xE0");
  EXPECT_EQ(got.notice().import_number(), 1);
  get.set_id("P-9");
  EXPECT_THAT((process_->Call<v1::NoticeService>("officer-1", &v1::NoticeService::Stub::GetNotice, get)),
              StatusIs(absl::StatusCode::kNotFound));

  // The one import is on record with its id; so are those who were refused.
  const auto leaves = audit::ReadLeaves(process_->data_dir() / "audit", 1000);
  ASSERT_THAT(leaves, IsOk());
  int refusals = 0, outcomes = 0;
  for (const audit::Leaf& leaf : *leaves) {
    if (leaf.verb != "/gatehouse.document.v1.NoticeAdminService/ImportNotices") continue;
    refusals += leaf.kind == audit::Kind::kRefusal ? 1 : 0;
    const auto& subjects = leaf.subjects;
    if (std::find(subjects.begin(), subjects.end(), imported.import().import_id()) != subjects.end()) ++outcomes;
  }
  EXPECT_EQ(refusals, 6);
  EXPECT_EQ(outcomes, 1);
}

}  // namespace
}  // namespace gatehouse::document
