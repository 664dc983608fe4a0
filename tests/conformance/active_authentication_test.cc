// Labelled answers to Active Authentication: the stated outcome of each.
#include "libs/emrtd/active_authentication.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "tests/conformance/test_data.h"

namespace gatehouse::emrtd {
namespace {

TEST(ActiveAuthenticationConformanceTest, EveryVectorIsJudgedAsLabelled) {
  const auto path = conformance::TestData("emrtd/aa/aa_vectors.json");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no vectors: set GATEHOUSE_DATA";
  const auto file = conformance::ReadFile(path);
  int judged = 0;
  for (const auto& vector : nlohmann::json::parse(file.begin(), file.end())) {
    SCOPED_TRACE(vector.value("type", ""));
    const auto bytes = [&](const char* key) { return absl::HexStringToBytes(vector.value(key, std::string())); };
    const std::string group = bytes("dg15"), challenge = bytes("challenge"), signature = bytes("signature");
    const auto result = VerifyActiveAuthentication({.data_group_15 = pki::AsBytes(group),
                                                    .challenge = pki::AsBytes(challenge),
                                                    .signature = pki::AsBytes(signature)});
    EXPECT_EQ(ToWord(result.state), vector.value("expected", "")) << ToWord(result.reason) << " " << result.detail;
    ++judged;
  }
  EXPECT_GE(judged, 5);
}

}  // namespace
}  // namespace gatehouse::emrtd
