// Who holds a certificate, and a matrix that changes while the process runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "libs/authz/authz.h"
#include "libs/testing/temporary_folder.h"

namespace gatehouse::authz {
namespace {

using ::testing::HasSubstr;

const std::string kDigest(64, 'a');
constexpr char kCardAuthority[] = "CN=Citizen CA,O=Utopia,C=UT";

std::unique_ptr<Matrix> People() {
  return Matrix::Parse(absl::StrCat(R"(
      identities { identity: "gate-1" roles: "gate" }
      identities { identity: "officer-1" roles: "officer" person: true }
      identities { identity: "officer-2" roles: "officer" person: true certificates { sha256: ")",
                                    std::string(64, 'A'), R"(" } }
      identities { identity: "officer-3" roles: "officer" person: true
                   certificates { issuer: ")",
                                    kCardAuthority, R"(" serial: "00beef" } }
      grants { method: "/a.B/C" roles: ["officer", "gate"] })"))
      .value();
}

CertificateNames With(std::vector<std::string> uris) {
  return {.uris = std::move(uris), .issuer = "CN=Gatehouse CA", .serial = "1234", .sha256 = std::string(64, 'f')};
}

TEST(IdentityTest, OneUriOfOursNamesTheHolder) {
  const auto matrix = People();
  for (const char* name : {"gate-1", "officer-1"}) {
    const Holder holder = matrix->Identify(With({absl::StrCat("gatehouse:", name)}));
    ASSERT_TRUE(holder.status.ok()) << holder.status;
    EXPECT_EQ(holder.identity, name);
    EXPECT_EQ(holder.principal->identity, name);
  }
  EXPECT_TRUE(matrix->Identify(With({"gatehouse:officer-1"})).principal->person);
}

TEST(IdentityTest, ANameTheMatrixDoesNotKnowIsRefusedByName) {
  const Holder holder = People()->Identify(With({"gatehouse:stranger"}));
  EXPECT_EQ(holder.status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(holder.identity, "stranger");
  EXPECT_EQ(holder.principal, nullptr);
}

TEST(IdentityTest, WhatNamesNobodyOrSeveralIsRefused) {
  const auto matrix = People();
  const std::vector<std::vector<std::string>> ambiguous = {
      {},
      {"gatehouse:officer-1", "gatehouse:gate-1"},
      {"gatehouse:officer-1", "gatehouse:officer-1"},
      {"gatehouse:officer-1", "https://utopia.example/officer-1"},
      {"https://utopia.example/officer-1"},
      {"gatehouse:"},
      {"gatehouse://officer-1"},
      {"gatehouse:officer-1/admin"},
      {"gatehouse:officer 1"},
      {"GATEHOUSE:officer-1"},
      {absl::StrCat("gatehouse:", std::string(kMaxIdentityBytes + 1, 'a'))},
  };
  for (const auto& uris : ambiguous) {
    const Holder holder = matrix->Identify(With(uris));
    EXPECT_EQ(holder.status.code(), absl::StatusCode::kUnauthenticated) << ::testing::PrintToString(uris);
    EXPECT_EQ(holder.identity, "certificate:" + std::string(64, 'f')) << "the refusal says whose certificate it was";
    EXPECT_EQ(holder.principal, nullptr);
  }
}

TEST(IdentityTest, AListedCertificateNamesAPersonWithoutAUri) {
  const auto matrix = People();
  CertificateNames card{.issuer = kCardAuthority, .serial = "BEEF", .sha256 = std::string(64, 'c')};
  EXPECT_EQ(matrix->Identify(card).identity, "officer-3");
  card.uris = {"https://citizen.utopia.example/4711"};
  EXPECT_EQ(matrix->Identify(card).identity, "officer-3") << "what the card's authority writes on it is its own affair";
  card.uris = {"gatehouse:officer-3"};
  EXPECT_EQ(matrix->Identify(card).identity, "officer-3");
  card.uris = {"gatehouse:officer-1"};
  EXPECT_EQ(matrix->Identify(card).status.code(), absl::StatusCode::kUnauthenticated) << "two people";
  card = {.issuer = "CN=Other CA", .serial = "BEEF", .sha256 = std::string(64, 'c')};
  EXPECT_FALSE(matrix->Identify(card).status.ok()) << "the same serial of another authority";
  card.sha256 = kDigest;
  EXPECT_EQ(matrix->Identify(card).identity, "officer-2");
}

TEST(IdentityTest, ACertificateThatIsHalfDescribedIsSaid) {
  const auto parse = [](const std::string& person, const std::string& certificate) {
    const absl::Status status =
        Matrix::Parse(absl::StrCat("identities { identity: \"x\" ", person, " certificates { ", certificate, " } }"))
            .status();
    return std::string(status.message());
  };
  const std::string person = "person: true";
  EXPECT_THAT(parse("", absl::StrCat("sha256: \"", kDigest, "\"")), HasSubstr("no person"));
  EXPECT_THAT(parse(person, ""), HasSubstr("wants sha256, or issuer and serial"));
  EXPECT_THAT(parse(person, "sha256: \"abc\""), HasSubstr("64 hex digits"));
  EXPECT_THAT(parse(person, "issuer: \"CN=a\""), HasSubstr("issuer and serial"));
  EXPECT_THAT(parse(person, "issuer: \"CN=a\" serial: \"xyz\""), HasSubstr("issuer and serial"));
  const std::string one = "issuer: \"CN=a\" serial: \"1\"";
  EXPECT_THAT(parse(person, one + " } certificates { " + one), HasSubstr("given twice"));
  EXPECT_EQ(parse(person, one), "");
}

TEST(IdentityTest, IdentitiesAreShortWords) {
  EXPECT_THAT(std::string(Matrix::Parse("identities { identity: \"officer 1\" }").status().message()),
              HasSubstr("A-Z a-z 0-9"));
}

class MatrixFileTest : public ::testing::Test {
 protected:
  void Write(const std::string& text) { std::ofstream(file_) << text; }
  testing::TemporaryFolder folder_;
  const std::string file_ = folder_.File("matrix.textproto");
  const std::string both_ = R"(identities { identity: "officer-1" roles: "officer" }
                               identities { identity: "officer-2" roles: "officer" }
                               grants { method: "/a.B/C" roles: "officer" })";
  const std::string one_ = R"(identities { identity: "officer-1" roles: "officer" }
                              grants { method: "/a.B/C" roles: "officer" })";
};

TEST_F(MatrixFileTest, ARemovedIdentityIsGoneAfterTheNextReading) {
  Write(both_);
  const auto matrix = MatrixFile::Open(file_).value();
  EXPECT_TRUE(matrix->Find("officer-2").ok());
  const Principal officer = matrix->Find("officer-2").value();
  EXPECT_TRUE(matrix->Authorise(officer, "/a.B/C").ok());
  Write(one_);
  ASSERT_TRUE(matrix->Reread().ok());
  EXPECT_FALSE(matrix->Find("officer-2").ok());
  EXPECT_FALSE(matrix->Identify({.uris = {"gatehouse:officer-2"}}).status.ok());
  EXPECT_TRUE(matrix->Find("officer-1").ok());
}

TEST_F(MatrixFileTest, TheLastGoodMatrixStaysWhenTheFileIsBad) {
  Write(both_);
  const auto matrix = MatrixFile::Open(file_).value();
  Write("identities { identity: ");
  EXPECT_THAT(std::string(matrix->Reread().message()), HasSubstr(file_));
  EXPECT_THAT(std::string(matrix->Reread().message()), HasSubstr("line 1")) << "it goes on being wrong";
  EXPECT_TRUE(matrix->Find("officer-2").ok());
  std::filesystem::remove(file_);
  EXPECT_THAT(std::string(matrix->Reread().message()), HasSubstr("cannot be read"));
  EXPECT_TRUE(matrix->Find("officer-2").ok());
  Write(one_);
  EXPECT_TRUE(matrix->Reread().ok());
  EXPECT_FALSE(matrix->Find("officer-2").ok());
}

TEST_F(MatrixFileTest, AFileThatIsNotThereIsSaid) {
  EXPECT_THAT(std::string(MatrixFile::Open(file_).status().message()), HasSubstr(file_));
}

}  // namespace
}  // namespace gatehouse::authz
