#include "libs/emrtd/seals/vds_nc.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/emrtd/seals/seal_state_for_tests.h"

namespace gatehouse::emrtd::seals {
namespace {

class VdsNcTest : public testing::Test {
 protected:
  VdsNcTest() : state_("prime256v1") {
    state_.signer.further_extensions = {pki::specimen::Extension(
        "2.5.29.37", true, pki::specimen::Sequence({pki::specimen::ObjectId("2.23.136.1.1.14.2")}))};
  }
  // Not in canonical form; the canonical form of its data is what is signed.
  std::string Make() {
    const std::string canonical = R"({"hdr":{"is":"UTO","t":"icao.test","v":1},)"
                                  R"("msg":{"pid":{"dob":"1990-01-02","n":"Doe John"},"ve":[{"seq":1}]}})";
    const auto digest = pki::ComputeDigest(pki::Digest::kSha256, pki::AsBytes(canonical));
    const auto signature = *state_.key()->SignDigest(pki::Digest::kSha256, digest.bytes());
    return absl::StrCat(R"({"data": {"msg": {"ve": [{"seq": 1}], "pid": {"n": "Doe \u004aohn", "dob": "1990-01-02"}},)",
                        R"("hdr": {"t": "icao.test", "v": 1, "is": "UTO"}}, "sig": {"alg": "ES256", "cer": ")",
                        absl::WebSafeBase64Escape(state_.signer_der()), R"(", "sigvl": ")",
                        absl::WebSafeBase64Escape(std::string(signature.begin(), signature.end())), R"("}})");
  }
  SealReport Verify(const std::string& text, bool with_authority = true) {
    const auto trust = state_.Trust(with_authority, false);
    return VerifySeal(*ReadVdsNc(text), SealState::Input(*trust));
  }
  SealState state_;
};

TEST_F(VdsNcTest, SignedInCanonicalForm) {
  const std::string text = Make();
  const auto seal = ReadVdsNc(text);
  ASSERT_TRUE(seal.ok()) << seal.status();
  EXPECT_EQ(seal->feature_definition, "icao.test");
  EXPECT_EQ(seal->document_type, "proof_of_testing");
  EXPECT_EQ(seal->Find("pid.n")->value.Reveal(), "Doe John");
  EXPECT_EQ(seal->Find("ve.0.seq")->number, 1);
  EXPECT_EQ(Verify(text).overall, Overall::kValid) << Verify(text).reason;
  const SealReport alone = Verify(text, false);
  EXPECT_EQ(alone.signature, SignatureState::kValid);
  EXPECT_EQ(alone.chain, ChainState::kNoTrustAnchor);
  EXPECT_EQ(alone.overall, Overall::kUndetermined);
}

TEST_F(VdsNcTest, AChangedWordIsNotSigned) {
  const std::string changed = absl::StrReplaceAll(Make(), {{"1990-01-02", "1990-01-03"}});
  EXPECT_EQ(Verify(changed).signature, SignatureState::kInvalid);
  EXPECT_EQ(Verify(changed).overall, Overall::kInvalid);
}

TEST_F(VdsNcTest, NamesMembersThatNobodySigned) {
  const SealReport report = Verify(absl::StrReplaceAll(Make(), {{"\"sig\":", "\"note\": 1, \"sig\":"}}));
  EXPECT_EQ(report.overall, Overall::kValidWithWarning);
}

TEST_F(VdsNcTest, ASignerForAnotherPurposeIsNone) {
  state_.signer.further_extensions = {pki::specimen::Extension(
      "2.5.29.37", true, pki::specimen::Sequence({pki::specimen::ObjectId("2.23.136.1.1.12.1")}))};
  EXPECT_EQ(Verify(Make()).overall, Overall::kInvalid);
}

TEST_F(VdsNcTest, RefusesWhatIsNoSeal) {
  const std::string text = Make();
  for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
           {"\"hdr\"", "\"hd\""},
           {"ES256", "HS256"},
           {"\"v\": 1", "\"v\": \"1\""},
           {"\"sigvl\"", "\"sig\""},
           {"\"alg\": \"ES256\"", "\"alg\": \"ES256\", \"alg\": \"ES256\""}}) {
    EXPECT_EQ(ReadVdsNc(absl::StrReplaceAll(text, {{what, with}})).status().code(), absl::StatusCode::kInvalidArgument)
        << what;
  }
  EXPECT_FALSE(ReadVdsNc("[]").ok());
  EXPECT_FALSE(ReadVdsNc("{}").ok());
}

}  // namespace
}  // namespace gatehouse::emrtd::seals
