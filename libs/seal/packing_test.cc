#include "libs/seal/packing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include "libs/seal/seal.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/status_matchers.h"

namespace gatehouse::seal {
namespace {

using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;

std::string Noise(size_t bytes) {
  gatehouse::testing::SeededRandom random(7);
  std::string noise(bytes, '\0');
  random.Fill(reinterpret_cast<uint8_t*>(noise.data()), noise.size());
  return noise;
}

TEST(Packing, GivesBackWhatWasPacked) {
  for (const std::string& text : {std::string(), std::string("x"), std::string(100'000, 'a'), Noise(10'000)}) {
    ASSERT_OK_AND_ASSIGN(const std::string unpacked, Unpack(Pack(text).bytes));
    EXPECT_EQ(unpacked, text);
  }
}

TEST(Packing, WhatEveryReportSaysIsInTheDictionary) {
  const std::string said =
      "security_object_signature Doc 9303-11 section 5.1 document_signer_validity TR-03135 section 5.6.4.3.4 "
      "NOT_DONE: the reader told no outcome of it";
  EXPECT_LT(Pack(said).bytes.size(), said.size() / 2);
}

TEST(Packing, ASizeIsCheckedBeforeAnythingIsAllocated) {
  // A frame header without content that declares a terabyte (RFC 8878 section 3.1.1): single segment, eight bytes.
  const std::string bomb("\x28\xb5\x2f\xfd\xe0\x00\x00\x00\x00\x00\x01\x00\x00\x01\x00\x00", 16);
  EXPECT_THAT(Unpack(bomb), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("over 64 MiB")));
}

TEST(Packing, WhatIsNoFrameOfOursIsDataLoss) {
  EXPECT_THAT(Unpack(""), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Unpack("not a frame"), StatusIs(absl::StatusCode::kDataLoss));
  const std::string packed = Pack("some text that was packed").bytes;
  for (size_t size = 0; size < packed.size(); ++size) {
    EXPECT_THAT(Unpack(packed.substr(0, size)), StatusIs(absl::StatusCode::kDataLoss)) << size;
  }
  EXPECT_THAT(Unpack(packed + "x"), StatusIs(absl::StatusCode::kDataLoss));
  std::string without_dictionary(ZSTD_compressBound(4), '\0');
  const size_t size = ZSTD_compress(without_dictionary.data(), without_dictionary.size(), "text", 4, 3);
  without_dictionary.resize(size);
  EXPECT_THAT(Unpack(without_dictionary), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("dictionary")));
}

}  // namespace
}  // namespace gatehouse::seal
