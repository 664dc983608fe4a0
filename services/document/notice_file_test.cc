#include "services/document/notice_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::document {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

json Row(const std::string& id) {
  return {{"id", id},
          {"kind", "counterfeit"},
          {"issuing_state", "UTO"},
          {"document_code", "P"},
          {"number_ranges", json::array({{{"first", "C00000100"}, {"last", "C00000199"}}})},
          {"number_patterns", {"X###?"}},
          {"features",
           json::array({{{"name", "watermark"},
                         {"place", "data page"},
                         {"expected", "printed, not in the paper"},
                         {"image", {{"format", "jpeg"}, {"content", absl::Base64Escape("\xFF\xD8\xFF\xE0")}}}}})},
          {"valid_from", "2026-01-01"},
          {"look_here", "Hold the page against the light."},
          {"source", "Utopia Border Police"}};
}

json Bundle(std::vector<json> rows) {
  return {{"format", "gatehouse-notices"}, {"version", 1}, {"publisher", "Utopia"}, {"number", 4}, {"notices", rows}};
}

TEST(ReadNoticesTest, ReadsEveryField) {
  const absl::StatusOr<NoticeBundle> bundle = ReadNotices(Bundle({Row("N1")}).dump());
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->publisher, "Utopia");
  EXPECT_EQ(bundle->number, 4);
  EXPECT_THAT(bundle->refused, IsEmpty());
  ASSERT_THAT(bundle->notices, SizeIs(1));
  const Notice& notice = bundle->notices[0];
  EXPECT_EQ(notice.kind, NoticeKind::kCounterfeit);
  EXPECT_EQ(notice.number_ranges.at(0).last, "C00000199");
  EXPECT_EQ(notice.number_patterns.at(0), "X###?");
  EXPECT_EQ(notice.features.at(0).image.content, "\xFF\xD8\xFF\xE0");
  EXPECT_EQ(notice.valid_from, (base::PartialDate{2026, 1, 1}));
  EXPECT_TRUE(notice.valid_until.empty());
}

TEST(ReadNoticesTest, ABadRowIsNamedAndItsNeighboursStay) {
  struct Case {
    const char* field;
    json value;
    const char* reason;
  };
  for (const Case& c :
       {Case{"kind", "rumour", "notices[1].kind: one of"},
        Case{"look_here", "red\x1B[31m", "notices[1].look_here: has a control character"},
        Case{"source", "a\xC2\x9B!", "notices[1].source: has a control character"},
        Case{"issuing_state", "XYZ", "notices[1].issuing_state: not a code"},
        Case{"document_code", "P1", "notices[1].document_code: at most two letters"},
        Case{"number_ranges", json::array({{{"first", "B2"}, {"last", "B1"}}}),
             "notices[1].number_ranges[0].last: before the first"},
        Case{"number_ranges", json::array({{{"first", "B2"}, {"last", "B11"}}}), "not as long"},
        Case{"number_ranges", json::array({{{"first", "b2"}, {"last", "b3"}}}), "not a document number"},
        Case{"number_ranges", "all", "notices[1].number_ranges: not a list"},
        Case{"number_patterns", {"A*"}, "notices[1].number_patterns[0]: not a pattern"},
        Case{"valid_until", "2026-02-30", "notices[1].valid_until: "},
        Case{"look_here", "", "notices[1].look_here: empty"}, Case{"source", 7, "notices[1].source: not a text"},
        Case{"id", "N1", "notices[1].id: stands twice"},
        Case{"features", json::array({{{"place", "somewhere"}}}), "notices[1].features[0].name: missing"},
        Case{"features", json::array({{{"name", "x"}, {"image", {{"format", "png"}, {"content", "AAAA"}}}}}),
             "notices[1].features[0].image: not a jpeg or png"},
        Case{"look_here", std::string(kMaxNoticeTextBytes + 1, 'x'), "look_here: longer than"}}) {
    SCOPED_TRACE(c.reason);
    json bad = Row("N2");
    bad[c.field] = c.value;
    const absl::StatusOr<NoticeBundle> bundle = ReadNotices(Bundle({Row("N1"), bad, Row("N3")}).dump());
    ASSERT_TRUE(bundle.ok()) << bundle.status();
    EXPECT_THAT(bundle->notices, SizeIs(2));
    ASSERT_THAT(bundle->refused, SizeIs(1));
    EXPECT_EQ(bundle->refused[0].row, 1u);
    EXPECT_THAT(bundle->refused[0].reason, HasSubstr(c.reason));
  }
}

TEST(ReadNoticesTest, RefusesWhatIsNoBundle) {
  json deep = 1;
  for (int i = 0; i < kMaxNoticeNesting + 2; ++i) deep = json::array({deep});
  json bundle = Bundle({Row("N1")});
  bundle["more"] = deep;
  for (const std::string& text : {std::string(), std::string("[]"), std::string("{"), std::string("{}"), bundle.dump(),
                                  std::string(100'000, '['), std::string("\xff\xfe")}) {
    EXPECT_EQ(ReadNotices(text).status().code(), absl::StatusCode::kInvalidArgument) << text.substr(0, 40);
  }
  for (const char* field : {"format", "version", "publisher"}) {
    json broken = Bundle({Row("N1")});
    broken[field] = 9;
    EXPECT_THAT(std::string(ReadNotices(broken.dump()).status().message()), HasSubstr(field));
  }
  for (const json& number : {json(), json(0), json(-1), json(1.5), json("1"), json(kMaxBundleNumber + 1)}) {
    json broken = Bundle({Row("N1")});
    broken["number"] = number;
    EXPECT_THAT(std::string(ReadNotices(broken.dump()).status().message()), HasSubstr("number: ")) << number;
  }
}

namespace specimen = pki::specimen;

// A publisher of notices: an authority and a signer below it.
class SignedNoticesTest : public ::testing::Test {
 protected:
  static pki::CertificatePtr Parse(const std::string& der) { return *pki::Certificate::Parse(pki::AsBytes(der)); }

  std::string Sign(const std::string& content, const std::string& certificate) {
    return specimen::MakeSignedData({.content_type = "\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01",
                                     .content = content,
                                     .certificates = {certificate},
                                     .signer_identifier = specimen::IssuerAndSerial(specimen::Name("UT", "NA"), 2),
                                     .algorithm = specimen::DefaultAlgorithm("prime256v1")},
                                    signer_key_);
  }
  std::string SignerCertificate(uint8_t usage = 0x80) {
    return specimen::MakeCertificate({.issuer = specimen::Name("UT", "NA"),
                                      .subject = specimen::Name("UT", "Notices"),
                                      .serial = 2,
                                      .key_info = signer_key_.info,
                                      .key_usage = usage,
                                      .algorithm = specimen::DefaultAlgorithm("prime256v1")},
                                     authority_key_);
  }

  specimen::Key authority_key_{"prime256v1"};
  specimen::Key signer_key_{"prime256v1"};
  const std::string authority_ = specimen::MakeCertificate({.issuer = specimen::Name("UT", "NA"),
                                                            .subject = specimen::Name("UT", "NA"),
                                                            .key_info = authority_key_.info,
                                                            .authority = true,
                                                            .key_usage = uint8_t{0x06},
                                                            .algorithm = specimen::DefaultAlgorithm("prime256v1")},
                                                           authority_key_);
  const std::string json_ = Bundle({Row("N1")}).dump();
  const absl::Time now_ = absl::FromCivil(absl::CivilDay(2026, 11, 25), absl::UTCTimeZone());
};

TEST_F(SignedNoticesTest, TakesASignerThatIsKnownOrCertifiedByOneThatIs) {
  const std::string signer = SignerCertificate();
  for (const std::string& issuer : {signer, authority_}) {
    const auto bundle = ReadSignedNotices(Sign(json_, signer), {Parse(issuer)}, now_);
    ASSERT_TRUE(bundle.ok()) << bundle.status();
    EXPECT_THAT(bundle->notices, SizeIs(1));
    EXPECT_EQ(bundle->signer->subject.text(), Parse(signer)->subject.text());
  }
}

TEST_F(SignedNoticesTest, NamesTheIssuerByWhomTheSignerIsTaken) {
  const std::string signer = SignerCertificate();
  const auto of_authority = ReadSignedNotices(Sign(json_, signer), {Parse(authority_)}, now_);
  ASSERT_TRUE(of_authority.ok()) << of_authority.status();
  EXPECT_EQ(of_authority->issuer->der, Parse(authority_)->der);
  const auto known = ReadSignedNotices(Sign(json_, signer), {Parse(authority_), Parse(signer)}, now_);
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_EQ(known->issuer->der, Parse(signer)->der) << "named itself";
}

TEST_F(SignedNoticesTest, RefusesTheUnsignedAndTheBadlySigned) {
  const std::string signer = SignerCertificate();
  const std::string good = Sign(json_, signer);
  const std::vector<pki::CertificatePtr> issuers = {Parse(authority_)};
  EXPECT_EQ(ReadSignedNotices(json_, issuers, now_).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadSignedNotices(good, {}, now_).status().code(), absl::StatusCode::kUnauthenticated);
  const specimen::Key stranger("prime256v1");
  const std::string other = specimen::MakeCertificate({.issuer = specimen::Name("UT", "NA"),
                                                       .subject = specimen::Name("UT", "NA"),
                                                       .key_info = stranger.info,
                                                       .authority = true,
                                                       .key_usage = uint8_t{0x06},
                                                       .algorithm = specimen::DefaultAlgorithm("prime256v1")},
                                                      stranger);
  EXPECT_EQ(ReadSignedNotices(good, {Parse(other)}, now_).status().code(), absl::StatusCode::kUnauthenticated);
  const std::string no_signer = SignerCertificate(/*usage=*/0x06);
  EXPECT_EQ(ReadSignedNotices(Sign(json_, no_signer), issuers, now_).status().code(),
            absl::StatusCode::kUnauthenticated);
  const absl::Time later = absl::FromCivil(absl::CivilDay(2032, 1, 1), absl::UTCTimeZone());
  EXPECT_EQ(ReadSignedNotices(good, issuers, later).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(SignedNoticesTest, NoFlippedBitOfTheContentOrTheSignaturePasses) {
  const std::string good = Sign(json_, SignerCertificate());
  const std::vector<pki::CertificatePtr> issuers = {Parse(authority_)};
  const size_t content = good.find(json_);
  ASSERT_NE(content, std::string::npos);
  for (size_t at = content; at < content + json_.size(); at += 7) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(ReadSignedNotices(changed, issuers, now_).ok()) << at;
  }
  for (size_t at = good.size() - 60; at < good.size(); ++at) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(ReadSignedNotices(changed, issuers, now_).ok()) << at;
  }
}

}  // namespace
}  // namespace gatehouse::document
