// Every bit of a small valid chip, one at a time. A flip in what is signed, in a signature or in the signer's
// certificate must never leave the chip valid; a flip in the wrapping that no signature covers must fail or be named.
#include <gtest/gtest.h>

#include <chrono>

#include "libs/emrtd/specimen_for_tests.h"

namespace gatehouse::emrtd {
namespace {

using specimen::Chip;
using specimen::Keys;

class BitFlipTest : public testing::Test {
 protected:
  void SetUp() override {
    chip_.data_groups.erase(2);  // small: each bit costs a whole verification
    chip_.com = specimen::MakeCom({1});
    chip_.Make();
    trust_ = specimen::TrustIn(chip_);
    ASSERT_EQ(specimen::Verify(chip_, *trust_).overall, Overall::kValid);
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

  Keys keys_{"prime256v1"};
  Chip chip_{keys_};
  std::shared_ptr<const pki::TrustStore> trust_;
};

TEST_F(BitFlipTest, NoFlipInADataGroupIsValid) {
  FlipEveryBit(chip_.data_groups[1], [](size_t bit, const PassiveAuthenticationReport& report) {
    EXPECT_EQ(report.overall, Overall::kInvalid) << bit;
  });
}

TEST_F(BitFlipTest, NoFlipInTheSecurityObjectStaysUnnoticed) {
  const std::string content = chip_.security_object.content;
  int tolerated = 0;
  FlipEveryBit(chip_.security_object_file, [&](size_t bit, const PassiveAuthenticationReport& report) {
    const bool established = report.overall < Overall::kUndetermined;
    if (Inside(content, bit / 8) || Inside(chip_.signer_der, bit / 8)) {
      EXPECT_FALSE(established) << "bit " << bit << ": " << ToWord(report.overall);
    } else if (established) {
      EXPECT_FALSE(report.findings.empty()) << "bit " << bit << " is neither refused nor named";
      ++tolerated;
    }
  });
  // Versions, the list of digests, the signer identifier: nothing else of the object lies outside every signature.
  EXPECT_LT(tolerated, 500);
}

TEST_F(BitFlipTest, NoFlipInComStaysUnnoticed) {
  FlipEveryBit(chip_.com, [](size_t bit, const PassiveAuthenticationReport& report) {
    EXPECT_FALSE(report.findings.empty()) << bit;
  });
}

}  // namespace
}  // namespace gatehouse::emrtd
