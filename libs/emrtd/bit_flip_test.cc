// Every bit of a small valid chip, one at a time. A flip in what is signed, in a signature or in the signer's
// certificate must never leave the chip valid; a flip in the wrapping that no signature covers must fail or be named.
#include <gtest/gtest.h>

#include "libs/emrtd/specimen_for_tests.h"
#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::emrtd {
namespace {

using specimen::Chip;
using specimen::Keys;

struct Variant {
  const char* name;
  const char* kind;
  void (*change)(Chip&);
};

class BitFlipTest : public testing::TestWithParam<Variant> {
 protected:
  void SetUp() override {
    chip_.data_groups.erase(2);  // small: each bit costs a whole verification
    chip_.com = specimen::MakeCom({1});
    GetParam().change(chip_);
    chip_.Make();
    trust_ = specimen::TrustIn(chip_);
    const auto untouched = specimen::Verify(chip_, *trust_);
    ASSERT_EQ(untouched.overall, Overall::kValid);
    findings_untouched_ = untouched.findings.size();
  }

  template <typename Judge>
  void FlipEveryBit(std::string& file, const Judge& judge) {
    for (size_t bit = 0; bit < file.size() * 8; ++bit) {
      const char mask = static_cast<char>(1 << (bit % 8));
      file[bit / 8] = static_cast<char>(file[bit / 8] ^ mask);
      judge(bit, specimen::Verify(chip_, *trust_));
      file[bit / 8] = static_cast<char>(file[bit / 8] ^ mask);
    }
  }

  // Where `part` stands in EF.SOD.
  bool Inside(std::string_view part, size_t byte) const {
    const size_t start = chip_.security_object_file.find(part);
    return start != std::string::npos && byte >= start && byte < start + part.size();
  }

  Keys keys_{GetParam().kind};
  Chip chip_{keys_};
  std::shared_ptr<const pki::TrustStore> trust_;
  size_t findings_untouched_ = 0;
};

TEST_P(BitFlipTest, NoFlipInADataGroupIsValid) {
  FlipEveryBit(chip_.data_groups[1], [](size_t bit, const PassiveAuthenticationReport& report) {
    EXPECT_EQ(report.overall, Overall::kInvalid) << bit;
  });
}

TEST_P(BitFlipTest, NoFlipInTheSecurityObjectStaysUnnoticed) {
  const std::string content = chip_.security_object.content;
  int tolerated = 0;
  FlipEveryBit(chip_.security_object_file, [&](size_t bit, const PassiveAuthenticationReport& report) {
    const bool established = report.overall < Overall::kUndetermined;
    if (Inside(content, bit / 8) || Inside(chip_.signer_der, bit / 8)) {
      EXPECT_FALSE(established) << "bit " << bit << ": " << ToWord(report.overall);
    } else if (established) {
      EXPECT_GT(report.findings.size(), findings_untouched_) << "bit " << bit << " is neither refused nor named";
      ++tolerated;
    }
  });
  // Versions, the list of digests, the signer identifier: nothing else of the object lies outside every signature.
  EXPECT_LT(tolerated, 500);
}

TEST_P(BitFlipTest, NoFlipInComStaysUnnoticed) {
  FlipEveryBit(chip_.com, [&](size_t bit, const PassiveAuthenticationReport& report) {
    EXPECT_GT(report.findings.size(), findings_untouched_) << bit;
  });
}

using pki::Digest;
using pki::SignatureScheme;
constexpr Variant kVariants[] = {
    {"EcdsaByIssuerAndSerial", "prime256v1", [](Chip&) {}},
    {"EcdsaByKeyIdentifier", "prime256v1",
     [](Chip& chip) {
       chip.security_object.signer_identifier = pki::specimen::Element(0x80, chip.signer.subject_key_identifier);
       chip.security_object.signer_version = 3;
     }},
    {"BareEcKeyAndVersion1", "prime256v1",
     [](Chip& chip) {
       chip.lds_version = 1;
       chip.com.clear();
       chip.security_object.algorithm.digest.reset();
     }},
    {"Pkcs1", "RSA:1024", [](Chip&) {}},
    {"Pss", "RSA:1024",
     [](Chip& chip) {
       chip.security_object.algorithm = {SignatureScheme::kRsaPss, Digest::kSha256, Digest::kSha1, 32};
       chip.signer.algorithm = chip.security_object.algorithm;
     }},
};
INSTANTIATE_TEST_SUITE_P(Chips, BitFlipTest, testing::ValuesIn(kVariants),
                         [](const auto& variant) { return std::string(variant.param.name); });

}  // namespace
}  // namespace gatehouse::emrtd
