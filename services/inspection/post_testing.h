// A post for tests: all four services in one process, over mTLS, with the authorisation matrix that is shipped.
// Travellers show a printed zone, and the policy asks for no chip.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <tuple>

#include "gatehouse/inspection/v1/inspection_service.grpc.pb.h"
#include "gatehouse/traveller/v1/traveller_service.grpc.pb.h"
#include "gatehouse/watchlist/v1/watchlist_service.grpc.pb.h"
#include "libs/mrz/write.h"
#include "libs/runtime/testing.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"
#include "services/document/module.h"
#include "services/inspection/module.h"
#include "services/traveller/module.h"
#include "services/watchlist/module.h"

namespace gatehouse::inspection {

namespace pb = gatehouse::inspection::v1;
namespace list = gatehouse::watchlist::v1;
namespace register_pb = gatehouse::traveller::v1;

inline constexpr char kStolen[] =
    "number,issuer,type,status,reported_date,record_id\n"
    "UT7654321,UTO,P,stolen,2026-01-05,S-1\n";
inline constexpr char kListed[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CONSOLIDATED_LIST>\n"
    "<INDIVIDUALS><INDIVIDUAL><FIRST_NAME>TARIQ</FIRST_NAME><SECOND_NAME>AL-MADEUP</SECOND_NAME>\n"
    "<REFERENCE_NUMBER>ZZi.001</REFERENCE_NUMBER></INDIVIDUAL></INDIVIDUALS>\n"
    "<ENTITIES></ENTITIES>\n</CONSOLIDATED_LIST>\n";
inline constexpr char kPolicy[] = R"(
    version: "test-1"
    required_checks: ["mrz", "document_validity", "document_list", "nominal_list", "history"])";
inline constexpr char kRecordGrant[] = "/gatehouse.traveller.v1.CrossingService/RecordCrossing";

// The system's clock, put forward at will.
class ShiftedClock : public base::Clock {
 public:
  absl::Time Now() override { return absl::Now() + absl::Seconds(shift_s_.load()); }
  void Advance(absl::Duration by) { shift_s_ += absl::ToInt64Seconds(by); }

 private:
  std::atomic<int64_t> shift_s_ = 0;
};

class PostTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(folder_.File("policy")) << kPolicy;
    std::ifstream file("deploy/authorization/matrix.textproto");
    matrix_ = std::string(std::istreambuf_iterator<char>(file), {});
    WriteMatrix(matrix_);
    const auto edit = [this](runtime::v1::Config& config) {
      config.set_authorization_file(folder_.File("matrix"));
      config.mutable_inspection()->set_policy_file(folder_.File("policy"));
      config.mutable_inspection()->set_post("HOME");
    };
    ASSERT_OK_AND_ASSIGN(
        process_, runtime::TestProcess::Start({document::kModule, watchlist::kModule, traveller::kModule, kModule},
                                              {.matrix = matrix_, .edit = edit, .clock = clock_}));
  }

  void WriteMatrix(const std::string& text) { std::ofstream(folder_.File("matrix")) << text; }

  void ImportLists() {
    for (const auto& [base, format, content] : {std::tuple("lost", list::LIST_FORMAT_DOCUMENT_CSV, kStolen),
                                                std::tuple("un", list::LIST_FORMAT_UN_XML, kListed)}) {
      list::ImportListRequest request;
      request.set_base(base);
      request.set_format(format);
      request.set_content(content);
      const absl::CivilDay today = absl::ToCivilDay(clock_.Now(), absl::UTCTimeZone());
      request.mutable_published_date()->set_year(static_cast<int32_t>(today.year()));
      request.mutable_published_date()->set_month(today.month());
      request.mutable_published_date()->set_day(today.day());
      ASSERT_OK(
          process_
              ->Call<list::WatchlistAdminService>("list-owner", &list::WatchlistAdminService::Stub::ImportList, request)
              .status());
    }
  }

  static pb::InspectRequest Passport(const std::string& number, const std::string& name = "ERIKSSON") {
    const auto zone = mrz::Write({.document_code = "P",
                                  .issuing_state = "UTO",
                                  .document_number = number,
                                  .nationality = "UTO",
                                  .birth_date = {1974, 8, 12},
                                  .sex = mrz::Sex::kFemale,
                                  .expiry_date = {2036, 4, 15},
                                  .primary_identifier = name,
                                  .secondary_identifier = "ANNA"});
    EXPECT_TRUE(zone.ok()) << zone.status();
    pb::InspectRequest request;
    request.mutable_document()->set_mrz(zone.value_or(""));
    request.set_direction(register_pb::DIRECTION_ENTRY);
    return request;
  }

  absl::StatusOr<pb::Inspection> Inspect(const pb::InspectRequest& request, const std::string& identity = "officer-1") {
    auto response = process_->Call<pb::InspectionService>(identity, &pb::InspectionService::Stub::Inspect, request);
    if (!response.ok()) return response.status();
    return response->inspection();
  }

  absl::StatusOr<pb::DecideResponse> Decide(const pb::Inspection& inspection, pb::Outcome outcome,
                                            const std::string& identity = "officer-1") {
    pb::DecideRequest request;
    request.set_inspection_id(inspection.inspection_id());
    request.set_outcome(outcome);
    request.set_reason_code("CODE");
    return process_->Call<pb::InspectionService>(identity, &pb::InspectionService::Stub::Decide, request);
  }

  absl::StatusOr<pb::Inspection> Get(const std::string& id) {
    pb::GetInspectionRequest request;
    request.set_inspection_id(id);
    auto response = process_->Call<pb::InspectionQueryService>(
        "officer-1", &pb::InspectionQueryService::Stub::GetInspection, request);
    if (!response.ok()) return response.status();
    return response->inspection();
  }

  static pb::Check Find(const pb::Inspection& inspection, const std::string& id) {
    for (const pb::Check& check : inspection.checks()) {
      if (check.id() == id) return check;
    }
    ADD_FAILURE() << "no check " << id;
    return {};
  }

  int Crossings() {
    const auto page = process_->Call<register_pb::TravellerService>(
        "officer-1", &register_pb::TravellerService::Stub::ListCrossings, register_pb::ListCrossingsRequest());
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->crossings_size() : -1;
  }

  gatehouse::testing::TemporaryFolder folder_;
  std::string matrix_;
  ShiftedClock clock_;
  std::unique_ptr<runtime::TestProcess> process_;
};

}  // namespace gatehouse::inspection
