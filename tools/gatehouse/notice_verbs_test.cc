// Notices on the command line: matched here, without a server, and where the verbs of the service are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "libs/seal/signed_text.h"
#include "libs/testing/temporary_folder.h"
#include "services/document/notice_publisher_for_tests.h"
#include "services/document/presented_convert.h"
#include "services/document/report_convert.h"
#include "tools/gatehouse/chip_folder.h"
#include "tools/gatehouse/pki_init.h"
#include "tools/gatehouse/verbs.h"
#include "tools/gatehouse/verbs_for_tests.h"

namespace gatehouse::cli {
namespace {

using document::NoticePublisher;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Result = VerbResult;

class LocalNoticesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(document_);
    // The specimen of Doc 9303-4 appendix B, valid until 2030: nothing but the notice is against it.
    Write(document_ + "/mrz.txt",
          "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F3004157ZE184226B<<<<<16\n");
    Write(issuer_, publisher_.certificate());
    json bad = NoticePublisher::Row("N-2");
    bad["kind"] = "rumour";
    Write(bundle_, publisher_.SignNotices({NoticePublisher::Row("N-1", "counterfeit", "L8989####"), bad,
                                           NoticePublisher::Row("N-3", "stolen_blank", "L89890###")}));
  }
  static void Write(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
  }
  Result Verify(std::vector<std::string> further, bool colour = false) {
    std::vector<std::string> arguments = {"document", "verify", document_, "--at", "2026-06-15"};
    arguments.insert(arguments.end(), further.begin(), further.end());
    return Gatehouse(arguments, {.colour = colour});
  }

  testing::TemporaryFolder folder_;
  NoticePublisher publisher_, stranger_;
  const std::string document_ = folder_.File("erika");
  const std::string issuer_ = folder_.File("issuer.der");
  const std::string bundle_ = folder_.File("notices.cms");
};

TEST_F(LocalNoticesTest, TellsWhereToLook) {
  Write(bundle_, publisher_.SignNotices({NoticePublisher::Row("N-1", "counterfeit", "L89890??3"),
                                         NoticePublisher::Row("N-2", "stolen_blank", "L8989####")}));
  const std::vector<std::string> local = {"--local", "--notices", bundle_, "--notice-issuer", issuer_};
  const Result plain = Verify(local);
  EXPECT_THAT(plain.out, HasSubstr("Hold the page against the light."));
  EXPECT_THAT(plain.out, HasSubstr("N-1"));
  EXPECT_THAT(plain.out, Not(HasSubstr("N-2"))) << "a C is no digit";
  EXPECT_THAT(plain.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(Verify(local, /*colour=*/true).out, HasSubstr("\x1b[33mcounterfeit\x1b[0m"));

  std::vector<std::string> as_json = local;
  as_json.push_back("--json");
  const json report = json::parse(Verify(as_json).out);
  ASSERT_EQ(report["notices"].size(), 1u);
  EXPECT_EQ(report["notices"][0]["id"], "N-1");
  EXPECT_EQ(report["notices"][0]["matched_by"], (json{"issuing_state", "document_code", "number_pattern"}));
}

TEST_F(LocalNoticesTest, ANoticeThatIsLeftOutIsTold) {
  const Result result = Verify({"--local", "--notices", bundle_, "--notice-issuer", issuer_});
  EXPECT_THAT(result.err, HasSubstr("notices[1].kind: one of"));
  EXPECT_THAT(result.out, Not(HasSubstr("look here"))) << "nothing fits";
}

TEST_F(LocalNoticesTest, TakesNoNoticesFromStrangers) {
  Write(bundle_, stranger_.SignNotices({NoticePublisher::Row("N-1")}));
  const Result stranger = Verify({"--local", "--notices", bundle_, "--notice-issuer", issuer_});
  EXPECT_EQ(stranger.exit_code, kCheckSaysNo);
  EXPECT_THAT(stranger.out, IsEmpty());
  Write(bundle_, NoticePublisher::NoticesText({NoticePublisher::Row("N-1")}));
  EXPECT_EQ(Verify({"--local", "--notices", bundle_, "--notice-issuer", issuer_}).exit_code, kBadUsage);
  EXPECT_EQ(Verify({"--notices", bundle_, "--notice-issuer", issuer_}).exit_code, kBadUsage) << "a server has its own";
}

// What was told since a report was made is not the document's doing.
TEST_F(LocalNoticesTest, AReplayLeavesOutWhatWasTold) {
  Write(bundle_, publisher_.SignNotices({NoticePublisher::Row("N-1")}));
  const Result verified = Verify({"--local", "--notices", bundle_, "--notice-issuer", issuer_, "--format", "json"});
  absl::StatusOr<document::v1::DocumentReport> report = document::ReadJson(verified.out);
  ASSERT_TRUE(report.ok()) << report.status() << verified.err;
  ASSERT_EQ(report->notices_size(), 1);
  ASSERT_THAT(report->verdict().decided_by(), ::testing::Contains("fraud_notices"));
  const absl::StatusOr<document::v1::DocumentInput> presented = ReadChipFolder(document_);
  ASSERT_TRUE(presented.ok()) << presented.status();
  document::AddDigests(*presented, "", &*report);

  ASSERT_TRUE(MakeDevelopmentPki(folder_.File("pki"), {.clients = {"report-signer"}}).ok());
  const std::string signer = folder_.File("pki/report-signer.crt");
  const auto key = seal::TextSigner::Read(signer, folder_.File("pki/report-signer.key"));
  ASSERT_TRUE(key.ok()) << key.status();
  const auto replay = [&] {
    Write(folder_.File("report.jws"), (*key)->Sign("json", document::RenderJson(*report)));
    return Gatehouse({"document", "replay", folder_.File("report.jws"), document_, "--signer", signer, "--local"});
  };
  // Even where a State's policy let the notice decide.
  const auto judge_failed = [&](const std::string& id) {
    for (document::v1::Tr03135Check& check : *report->mutable_tr03135()) {
      if (check.id() == id) check.set_judged(document::v1::CHECK_STATE_FAILED);
    }
  };
  judge_failed("fraud_notices");
  report->mutable_verdict()->set_state(document::v1::CHECK_STATE_FAILED);
  const Result again = replay();
  EXPECT_EQ(again.out, "identical\n") << again.err;
  EXPECT_EQ(again.exit_code, kDone);

  judge_failed("mrz_consistency");
  const Result other = replay();
  EXPECT_EQ(other.exit_code, kCheckSaysNo);
  EXPECT_EQ(other.out, "differs:\n  verdict\n  check mrz_consistency\n");
}

TEST(NoticeVerbsTest, AreAtTheTopAndBelowDocument) {
  for (const std::vector<std::string>& verb : std::vector<std::vector<std::string>>{
           {"list"}, {"show", "N-1"}, {"stats"}, {"imports"}, {"import", "no-such-file"}}) {
    std::vector<std::string> top = {"notice"}, below = {"document", "notice"};
    top.insert(top.end(), verb.begin(), verb.end());
    below.insert(below.end(), verb.begin(), verb.end());
    const Result first = Gatehouse(top), second = Gatehouse(below);
    EXPECT_EQ(first.exit_code, second.exit_code);
    EXPECT_EQ(first.err, second.err);
    EXPECT_THAT(first.err, HasSubstr("no-such-f")) << "the folder of certificates, or the file";
  }
}

}  // namespace
}  // namespace gatehouse::cli
