#include "libs/authz/authz.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "gatehouse/document/v1/document_service.pb.h"
#include "gatehouse/document/v1/notice_service.pb.h"
#include "gatehouse/document/v1/seal_service.pb.h"
#include "gatehouse/document/v1/trust_service.pb.h"
#include "gatehouse/event/v1/event_service.pb.h"
#include "gatehouse/inspection/v1/inspection_service.pb.h"
#include "gatehouse/runtime/v1/config.pb.h"
#include "gatehouse/runtime/v1/health_service.pb.h"
#include "gatehouse/traveller/v1/traveller_service.pb.h"
#include "gatehouse/watchlist/v1/watchlist_service.pb.h"

namespace gatehouse::authz {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kSmall = R"(
identities { identity: "officer-1" roles: "officer" person: true }
identities { identity: "inspection" roles: ["inspection", "officer"] may_act_for: true }
identities { identity: "guest" }
grants { method: "/a.B/Read" roles: ["officer", "inspection"] }
grants { method: "/a.B/Write" roles: "inspection" }
grants { method: "/c.D/*" roles: "officer" }
grants { method: "/c.D/Special" roles: "inspection" }
)";

std::unique_ptr<Matrix> Small() { return Matrix::Parse(kSmall).value(); }

TEST(MatrixTest, FindsWhoAnIdentityIs) {
  const auto matrix = Small();
  const Principal officer = matrix->Find("officer-1").value();
  EXPECT_EQ(officer.identity, "officer-1");
  EXPECT_EQ(officer.roles, std::vector<std::string>{"officer"});
  EXPECT_TRUE(officer.person);
  EXPECT_EQ(officer.officer, "officer-1");
  EXPECT_FALSE(officer.may_act_for);
  EXPECT_FALSE(officer.in_process);
  const Principal module = matrix->Find("inspection").value();
  EXPECT_TRUE(module.may_act_for);
  EXPECT_FALSE(module.person);
  EXPECT_EQ(module.officer, "") << "a machine is nobody's named human";
  for (const char* unknown : {"", "officer-2", "officer-1 ", "OFFICER-1"}) {
    EXPECT_EQ(matrix->Find(unknown).status().code(), absl::StatusCode::kPermissionDenied) << unknown;
  }
}

TEST(MatrixTest, AuthorisesByMethodAndByService) {
  const auto matrix = Small();
  const Principal officer = matrix->Find("officer-1").value();
  const Principal module = matrix->Find("inspection").value();
  EXPECT_EQ(matrix->Authorise(officer, "/a.B/Read").value(), "officer");
  EXPECT_EQ(matrix->Authorise(module, "/a.B/Read").value(), "inspection") << "the first of its own roles";
  EXPECT_EQ(matrix->Authorise(module, "/a.B/Write").value(), "inspection");
  EXPECT_EQ(matrix->Authorise(officer, "/c.D/Anything").value(), "officer");
  EXPECT_EQ(matrix->Authorise(officer, "/c.D/Special").value(), "officer") << "both grants count";
  EXPECT_EQ(matrix->Authorise(module, "/c.D/Special").value(), "inspection");
}

TEST(MatrixTest, RefusesWhatIsNotGranted) {
  const auto matrix = Small();
  const Principal officer = matrix->Find("officer-1").value();
  const Principal guest = matrix->Find("guest").value();
  for (const char* method : {"/a.B/Write", "/a.B/*", "/c.D/*", "/c.DX/Anything", "/c/D/Anything", "/a.B/read",
                             "a.B/Read", "/a.B/Read/", "/", "", "*", "/*"}) {
    EXPECT_EQ(matrix->Authorise(officer, method).status().code(), absl::StatusCode::kPermissionDenied) << method;
  }
  EXPECT_EQ(matrix->Authorise(guest, "/a.B/Read").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(matrix->Authorise(Principal{}, "/a.B/Read").status().code(), absl::StatusCode::kPermissionDenied);
}

struct Bad {
  const char* text;
  const char* reason;
};

class BadMatrixTest : public ::testing::TestWithParam<Bad> {};

TEST_P(BadMatrixTest, IsRefusedWithItsLine) {
  const absl::Status status = Matrix::Parse(GetParam().text).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Matrix, BadMatrixTest,
    ::testing::Values(Bad{"\nidentities { identity: \"a\" ", "line 2"},
                      Bad{"\n\nidentitys { }",
                          "line 3: Message type \"gatehouse.runtime.v1.AuthorizationMatrix\" has no field"},
                      Bad{"grants { method: \"/a.B/C\" roles: \"r\" }\nidentities { identity: \"a\" roles: \"typo\" }",
                          "line 2: role \"typo\" of a is in no grant"},
                      Bad{"identities { identity: \"a\" }\n\nidentities { identity: \"a\" person: true }",
                          "line 3: identity a is given twice"},
                      Bad{"identities { roles: \"r\" }", "line 1: an identity without a name"},
                      Bad{"grants { method: \"/a.B/C\" roles: \"r\" }\ngrants { method: \"/a.B/C\" roles: \"s\" }",
                          "line 2: method /a.B/C is granted twice"},
                      Bad{"grants { method: \"/a.B/C\" }", "line 1: no roles for /a.B/C"},
                      Bad{"grants { method: \"/a.B/C\" roles: \"\" }", "line 1: an empty role"},
                      Bad{"grants { method: \"a.B/C\" roles: \"r\" }", "line 1: method is not"},
                      Bad{"grants { method: \"/a.B\" roles: \"r\" }", "line 1: method is not"},
                      Bad{"grants { method: \"/a.B/\" roles: \"r\" }", "line 1: method is not"},
                      Bad{"grants { method: \"/*/C\" roles: \"r\" }", "line 1: method is not"},
                      Bad{"grants { method: \"/a.B/C*\" roles: \"r\" }", "line 1: method is not"}));

TEST(MatrixTest, BoundsTheText) {
  EXPECT_FALSE(Matrix::Parse(std::string(kMaxMatrixBytes + 1, '\n')).ok());
  EXPECT_TRUE(Matrix::Parse(std::string(kMaxMatrixBytes, '\n')).ok());
}

// --- The matrix that ships ---

std::string ReadShippedMatrix() {
  std::ifstream file("deploy/authorization/matrix.textproto");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Every method of every *_service.proto of the tree; a file that is not listed here fails, so that none is forgotten.
std::set<std::string> AllMethods() {
  std::map<std::string, const google::protobuf::FileDescriptor*> files;
  for (const google::protobuf::Descriptor* message :
       {document::v1::VerifyRequest::descriptor(), document::v1::VerifySealRequest::descriptor(),
        document::v1::ListNoticesRequest::descriptor(), document::v1::ListTrustRequest::descriptor(),
        event::v1::ListEventsRequest::descriptor(), runtime::v1::GetHealthRequest::descriptor(),
        inspection::v1::DecideRequest::descriptor(), traveller::v1::GetTravellerRequest::descriptor(),
        watchlist::v1::ListBasesRequest::descriptor()}) {
    files[message->file()->name()] = message->file();
  }
  std::set<std::string> methods;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("protos")) {
    if (!entry.path().string().ends_with("_service.proto")) continue;
    const std::string name = std::filesystem::relative(entry.path(), "protos").string();
    const google::protobuf::FileDescriptor* file = files[name];
    if (file == nullptr) {
      ADD_FAILURE() << name << " is not listed in this test";
      continue;
    }
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        methods.insert("/" + file->service(s)->full_name() + "/" + file->service(s)->method(m)->name());
      }
    }
  }
  return methods;
}

TEST(ShippedMatrixTest, GrantsEveryMethodToSomebodyAndNoUnknownOne) {
  ASSERT_TRUE(Matrix::Parse(ReadShippedMatrix()).ok()) << Matrix::Parse(ReadShippedMatrix()).status();
  runtime::v1::AuthorizationMatrix message;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(ReadShippedMatrix(), &message));
  std::set<std::string> granted;
  for (const auto& grant : message.grants()) granted.insert(grant.method());
  // gRPC's own services, which are not in our tree.
  EXPECT_EQ(granted.erase("/grpc.health.v1.Health/*"), 1u);
  EXPECT_EQ(granted.erase("/grpc.reflection.v1alpha.ServerReflection/*"), 1u);
  const std::set<std::string> methods = AllMethods();
  EXPECT_EQ(granted, methods) << "each method is granted by its own name, none by a pattern";
}

class ShippedMatrixRuleTest : public ::testing::Test {
 protected:
  bool May(std::string_view identity, std::string_view method) const {
    const auto principal = matrix_->Find(identity);
    EXPECT_TRUE(principal.ok()) << identity;
    return principal.ok() && matrix_->Authorise(*principal, method).ok();
  }
  std::unique_ptr<Matrix> matrix_ = Matrix::Parse(ReadShippedMatrix()).value();
};

TEST_F(ShippedMatrixRuleTest, OnlyInspectionRecordsCrossings) {
  constexpr std::string_view kRecord = "/gatehouse.traveller.v1.CrossingService/RecordCrossing";
  EXPECT_TRUE(May("inspection", kRecord));
  for (const char* other :
       {"gatehouse-post", "document", "watchlist", "traveller", "officer-1", "officer-2", "supervisor", "list-owner",
        "trust-operator", "trust-operator-2", "auditor", "operator", "gate-1"}) {
    EXPECT_FALSE(May(other, kRecord)) << other;
  }
}

TEST_F(ShippedMatrixRuleTest, OnlyInspectionActsForOthers) {
  runtime::v1::AuthorizationMatrix message;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(ReadShippedMatrix(), &message));
  for (const auto& identity : message.identities()) {
    EXPECT_EQ(identity.may_act_for(), identity.identity() == "inspection") << identity.identity();
    EXPECT_FALSE(identity.may_act_for() && identity.person()) << identity.identity();
  }
}

TEST_F(ShippedMatrixRuleTest, AdministrationIsNotAtTheDesk) {
  constexpr std::string_view kImportTrust = "/gatehouse.document.v1.TrustAdminService/ImportTrust";
  constexpr std::string_view kImportNotices = "/gatehouse.document.v1.NoticeAdminService/ImportNotices";
  constexpr std::string_view kImportList = "/gatehouse.watchlist.v1.WatchlistAdminService/ImportList";
  EXPECT_TRUE(May("trust-operator", kImportTrust));
  EXPECT_TRUE(May("trust-operator", kImportNotices));
  EXPECT_TRUE(May("list-owner", kImportList));
  for (const char* desk : {"officer-1", "supervisor", "gate-1", "inspection", "auditor", "operator"}) {
    EXPECT_FALSE(May(desk, kImportTrust)) << desk;
    EXPECT_FALSE(May(desk, kImportList)) << desk;
    EXPECT_FALSE(May(desk, kImportNotices)) << desk;
  }
  EXPECT_FALSE(May("list-owner", kImportTrust));
  EXPECT_FALSE(May("trust-operator", kImportList));
}

TEST_F(ShippedMatrixRuleTest, AGateInspectsAndDecidesAndLooksNobodyUp) {
  EXPECT_FALSE(matrix_->Find("gate-1")->person);
  std::set<std::string> allowed;
  for (const std::string& method : AllMethods()) {
    if (May("gate-1", method)) allowed.insert(method);
  }
  EXPECT_EQ(allowed, (std::set<std::string>{"/gatehouse.inspection.v1.InspectionService/Decide",
                                            "/gatehouse.inspection.v1.InspectionService/Inspect"}));
}

TEST_F(ShippedMatrixRuleTest, EveryKnownIdentityMayAskForHealth) {
  runtime::v1::AuthorizationMatrix message;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(ReadShippedMatrix(), &message));
  for (const auto& identity : message.identities()) {
    EXPECT_TRUE(May(identity.identity(), "/grpc.health.v1.Health/Check")) << identity.identity();
  }
}

}  // namespace
}  // namespace gatehouse::authz
