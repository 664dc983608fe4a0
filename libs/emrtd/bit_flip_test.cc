// Every bit of a small valid chip, one at a time. A flip in a data group, in what is signed, in the signed attributes,
// in a signature or in the signer's certificate must never leave the chip valid; a flip in the wrapping that no
// signature covers must fail or be named. And no flip that leaves the chip valid changes a value that is reported.
//
// Every bit of EF.SOD is flipped but those inside the long numbers of RSA (moduli and signatures): each bit of them
// enters the same modular power and none has a meaning of its own, so of each byte there one bit is flipped, in the
// next byte another. The ends of the numbers and all of their tags and lengths are flipped bit by bit.
#include <gtest/gtest.h>

#include <algorithm>

#include "libs/emrtd/security_object.h"
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
  bool explicit_parameters = false;
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
    values_untouched_ = Values(untouched);
    const auto object = ReadSecurityObject(pki::AsBytes(chip_.security_object_file));
    ASSERT_TRUE(object.ok()) << object.status();
    const pki::SignerInfo& info = object->signed_data.signers.front();
    const Place embedded = PlaceOf(object->signed_data.certificates.front());
    const auto signer = pki::Certificate::Parse(object->signed_data.certificates.front());
    ASSERT_TRUE(signer.ok()) << signer.status();
    const auto place_in_signer = [&](Bytes part) {
      const size_t begin = embedded.begin + static_cast<size_t>(part.data() - (*signer)->der.data());
      return Place{begin, begin + part.size()};
    };
    for (const Place& place : {PlaceOf(info.signature), place_in_signer((*signer)->signature),
                               place_in_signer((*signer)->subject_public_key_info)}) {
      constexpr size_t kLongBytes = 200, kEndBytes = 40;  // longer than any header and exponent
      const bool is_rsa = std::string_view(GetParam().kind).starts_with("RSA");
      if (is_rsa && place.end - place.begin > kLongBytes) {
        opaque_.push_back({place.begin + kEndBytes, place.end - kEndBytes});
      }
    }
    covered_ = {PlaceOf(info.signed_attributes), PlaceOf(info.signature), PlaceOf(object->signed_data.content),
                PlaceOf(object->signed_data.certificates.front())};
  }

  struct Place {
    size_t begin = 0;
    size_t end = 0;
  };
  Place PlaceOf(Bytes part) const {
    const size_t begin = static_cast<size_t>(part.data() - pki::AsBytes(chip_.security_object_file).data());
    return {begin, begin + part.size()};
  }
  static bool IsIn(const std::vector<Place>& places, size_t byte) {
    return std::any_of(places.begin(), places.end(),
                       [&](const Place& place) { return place.begin <= byte && byte < place.end; });
  }

  // What a report says about the document, apart from defects.
  static std::string Values(const PassiveAuthenticationReport& report) {
    std::string values = report.signature_algorithm + report.digest_algorithm + report.issuing_state +
                         std::string(ToWord(report.country_match)) + std::string(ToWord(report.revocation));
    if (report.signing_time) values += absl::FormatTime(*report.signing_time, absl::UTCTimeZone());
    if (report.signer != nullptr) values += report.signer->fingerprint_text();
    if (report.authority != nullptr) values += report.authority->fingerprint_text();
    for (const DataGroupResult& group : report.data_groups) {
      values += std::to_string(group.number) + std::string(ToWord(group.state));
    }
    return values;
  }

  // In the bytes of `sampled` one bit of each.
  template <typename Judge>
  void FlipEveryBit(std::string& file, const std::vector<Place>& sampled, const Judge& judge) {
    for (size_t bit = 0; bit < file.size() * 8; ++bit) {
      const size_t byte = bit / 8;
      if (bit % 8 != byte % 8 && IsIn(sampled, byte)) continue;
      const char mask = static_cast<char>(1 << (bit % 8));
      file[bit / 8] = static_cast<char>(file[bit / 8] ^ mask);
      judge(bit, specimen::Verify(chip_, *trust_));
      file[bit / 8] = static_cast<char>(file[bit / 8] ^ mask);
    }
  }

  Keys keys_{GetParam().kind, GetParam().explicit_parameters};
  Chip chip_{keys_};
  std::shared_ptr<const pki::TrustStore> trust_;
  size_t findings_untouched_ = 0;
  std::string values_untouched_;
  std::vector<Place> covered_;
  std::vector<Place> opaque_;
};

TEST_P(BitFlipTest, NoFlipInADataGroupIsValid) {
  FlipEveryBit(chip_.data_groups[1], {}, [](size_t bit, const PassiveAuthenticationReport& report) {
    EXPECT_EQ(report.overall, Overall::kInvalid) << bit;
  });
}

TEST_P(BitFlipTest, NoFlipInTheSecurityObjectStaysUnnoticed) {
  int tolerated = 0;
  FlipEveryBit(chip_.security_object_file, opaque_, [&](size_t bit, const PassiveAuthenticationReport& report) {
    if (report.overall >= Overall::kUndetermined) return;
    EXPECT_FALSE(IsIn(covered_, bit / 8)) << "bit " << bit << ": " << ToWord(report.overall);
    EXPECT_GT(report.findings.size(), findings_untouched_) << "bit " << bit << " is neither refused nor named";
    EXPECT_EQ(Values(report), values_untouched_) << "bit " << bit;
    ++tolerated;
  });
  // Versions, the list of digests, the signer identifier: nothing else of the object lies outside every signature.
  EXPECT_LT(tolerated, 500);
}

TEST_P(BitFlipTest, NoFlipInComStaysUnnoticed) {
  FlipEveryBit(chip_.com, {}, [&](size_t bit, const PassiveAuthenticationReport& report) {
    EXPECT_GT(report.findings.size(), findings_untouched_) << bit;
  });
}

TEST(BitFlipInAPictureTest, NoFlipIsValid) {
  const Keys keys("prime256v1");
  Chip chip(keys);  // with a DG2
  chip.Make();
  const auto trust = specimen::TrustIn(chip);
  std::string& file = chip.data_groups[2];
  for (size_t bit = 0; bit < file.size() * 8; ++bit) {
    const char mask = static_cast<char>(1 << (bit % 8));
    file[bit / 8] = static_cast<char>(file[bit / 8] ^ mask);
    EXPECT_EQ(specimen::Verify(chip, *trust).overall, Overall::kInvalid) << bit;
    file[bit / 8] = static_cast<char>(file[bit / 8] ^ mask);
  }
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
    {"ExplicitCurve", "brainpoolP256r1", [](Chip&) {}, true},
    {"Pkcs1", "RSA:2048", [](Chip&) {}},
    {"Pss", "RSA:2048",
     [](Chip& chip) {
       chip.security_object.algorithm = {SignatureScheme::kRsaPss, Digest::kSha256, Digest::kSha1, 32};
       chip.signer.algorithm = chip.security_object.algorithm;
     }},
};
INSTANTIATE_TEST_SUITE_P(Chips, BitFlipTest, testing::ValuesIn(kVariants),
                         [](const auto& variant) { return std::string(variant.param.name); });

}  // namespace
}  // namespace gatehouse::emrtd
