#include "libs/emrtd/seals/idb.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "libs/emrtd/seals/c40.h"
#include "libs/emrtd/seals/seal_state_for_tests.h"
#include "libs/emrtd/seals/seal_tlv.h"

namespace gatehouse::emrtd::seals {
namespace {

bool Has(const Findings& findings, Defect defect) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& one) { return one.defect == defect; });
}

std::string Chars(std::span<const uint8_t> bytes) { return std::string(bytes.begin(), bytes.end()); }
std::string C40(std::string_view text) { return Chars(*EncodeC40(text, "test")); }

std::string Compress(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string compressed(size, '\0');
  compress(reinterpret_cast<Bytef*>(compressed.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
           bytes.size());
  compressed.resize(size);
  return compressed;
}

constexpr char kZone[] = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";

class IdbTest : public testing::Test {
 protected:
  IdbTest() : state_("prime256v1") {}

  std::string Payload(const std::string& messages, bool with_certificate) const {
    const std::string certificate = state_.signer_der();
    const auto fingerprint = pki::ComputeDigest(pki::Digest::kSha1, pki::AsBytes(certificate));
    const std::string covered = C40("UTO") + "\x01" + Chars(fingerprint.bytes().last(5)) +
                                WriteMaskedDate(absl::CivilDay(2026, 1, 2)) + WriteElement(0x61, messages);
    const auto digest = pki::ComputeDigest(pki::Digest::kSha256, pki::AsBytes(covered));
    return covered + (with_certificate ? WriteElement(0x7E, certificate) : "") +
           WriteElement(0x7F, Chars(*state_.key()->SignDigest(pki::Digest::kSha256, digest.bytes())));
  }
  SealReport Verify(const std::string& text, bool with_signer) const {
    const auto trust = state_.Trust(true, with_signer);
    return VerifySeal(*ReadIdb(text), SealState::Input(*trust));
  }
  SealState state_;
  std::string messages_ = WriteElement(0x08, C40(kZone)) + WriteElement(0x09, C40("123456"));
};

TEST_F(IdbTest, SignedByTheReferencedSigner) {
  for (const bool embedded : {false, true}) {
    const std::string text = "RDB1B" + WriteBase32(Payload(messages_, embedded));
    const auto seal = ReadIdb(text);
    ASSERT_TRUE(seal.ok()) << seal.status();
    EXPECT_EQ(seal->issuing_country, "UTO");
    EXPECT_EQ(seal->signature_date.text(), "2026-01-02");
    EXPECT_EQ(seal->Find("mrz_td3")->value.Reveal(), kZone);
    EXPECT_EQ(seal->Find("can")->value.Reveal(), "123456");
    const SealReport report = Verify(text, !embedded);
    EXPECT_EQ(report.overall, Overall::kValid) << report.reason;
  }
  EXPECT_EQ(Verify("RDB1B" + WriteBase32(Payload(messages_, false)), false).overall, Overall::kUndetermined);
}

TEST_F(IdbTest, TheOldIdentifierIsNamed) {
  const SealReport report = Verify("NDB1B" + WriteBase32(Payload(messages_, false)), true);
  EXPECT_EQ(report.overall, Overall::kValidWithDefect);
  EXPECT_TRUE(Has(report.findings, Defect::kOldIdentifier));
}

TEST_F(IdbTest, AVisaIsTheFeaturesOfItsSeal) {
  const std::string visa = WriteElement(3, "\x02") + WriteElement(5, C40("UFO001979"));
  const auto seal = ReadIdb("RDB1B" + WriteBase32(Payload(WriteElement(1, visa), false)));
  ASSERT_TRUE(seal.ok());
  EXPECT_EQ(seal->document_type, "visa");
  EXPECT_EQ(seal->Find("number_of_entries")->number, 2);
}

TEST_F(IdbTest, UnsignedIsNeverMore) {
  const auto seal = ReadIdb("RDB1A" + WriteBase32(C40("UTO") + WriteElement(0x61, messages_)));
  ASSERT_TRUE(seal.ok()) << seal.status();
  const SealReport report = VerifySeal(*seal, SealState::Input(*state_.Trust(true, true)));
  EXPECT_EQ(report.overall, Overall::kUndetermined);
  EXPECT_EQ(report.signature, SignatureState::kUndetermined);
}

TEST_F(IdbTest, DecompressesWithinBounds) {
  const auto seal = ReadIdb("RDB1D" + WriteBase32(Compress(Payload(messages_, false))));
  ASSERT_TRUE(seal.ok()) << seal.status();
  EXPECT_EQ(VerifySeal(*seal, SealState::Input(*state_.Trust(true, true))).overall, Overall::kValid);
  const std::string bomb = Compress(C40("UTO") + WriteElement(0x61, std::string(1 << 20, '\0')));
  EXPECT_LT(bomb.size(), 4096u);
  EXPECT_EQ(ReadIdb("RDB1C" + WriteBase32(bomb)).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(ReadIdb("RDB1C" + WriteBase32(Compress("UTO").substr(0, 6))).ok()) << "cut off";
  EXPECT_FALSE(ReadIdb("RDB1C").ok());
}

TEST_F(IdbTest, RefusesWhatIsOutOfPlace) {
  const std::string payload = Payload(messages_, false);
  EXPECT_FALSE(ReadIdb("RDB1B" + WriteBase32(payload + WriteElement(0x61, messages_))).ok()) << "a second group";
  EXPECT_FALSE(ReadIdb("RDB1B" + WriteBase32(payload + WriteElement(0x10, "x"))).ok());
  EXPECT_FALSE(ReadIdb("RDB1E" + WriteBase32(payload)).ok());
  EXPECT_FALSE(ReadIdb("RDB1B" + WriteBase32(payload.substr(0, 11))).ok());
  EXPECT_FALSE(ReadIdb("RDB1B0").ok()) << "0 is not of Base32";
  EXPECT_FALSE(ReadIdb("RDB1B" + WriteBase32(C40("UTO") + "\x09" + payload.substr(3))).ok()) << "algorithm 9";
}

TEST(Base32Test, IsThatOfRfc4648) {
  EXPECT_EQ(WriteBase32("foobar"), "MZXW6YTBOI");
  EXPECT_EQ(*ReadBase32("MZXW6YTBOI======"), "foobar");
  EXPECT_EQ(*ReadBase32(""), "");
  EXPECT_FALSE(ReadBase32("MZXW6YTBOJ").ok()) << "bits beyond the last byte";
  EXPECT_FALSE(ReadBase32("mzxw").ok());
}

}  // namespace
}  // namespace gatehouse::emrtd::seals
