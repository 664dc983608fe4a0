#include "libs/emrtd/seals/canonical_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace gatehouse::emrtd::seals {
namespace {

std::string Canonical(std::string_view text) {
  const auto value = ReadStrictJson(text);
  return value.ok() ? CanonicalJson(*value) : "error";
}

TEST(CanonicalJsonTest, WritesNumbersAsEcmascript) {
  // RFC 8785 appendix B, and the borders between the notations.
  EXPECT_EQ(Canonical("[0, -0, -0.0, 1.0, 4.50, 2e-3, 1e-7, 0.000001, 1e20, 1e21, 1e30]"),
            "[0,0,0,1,4.5,0.002,1e-7,0.000001,100000000000000000000,1e+21,1e+30]");
  EXPECT_EQ(Canonical("[333333333.33333329, 9007199254740993, 1.7976931348623157e308, 5e-324, -1e-7]"),
            "[333333333.3333333,9007199254740992,1.7976931348623157e+308,5e-324,-1e-7]");
}

TEST(CanonicalJsonTest, SortsByUtf16AndEscapesLittle) {
  // U+FB33 comes before U+1F600 by code point and after it by UTF-16 code unit.
  EXPECT_EQ(Canonical("{\"\\ufb33\":1,\"\\ud83d\\ude00\":2,\"b\":3,\"\":4}"),
            "{\"\":4,\"b\":3,\"\xF0\x9F\x98\x80\":2,\"\xEF\xAC\xB3\":1}");
  EXPECT_EQ(Canonical(R"(["\u0041\/\u000a\u001F\u00e9\"\\"])"), "[\"A/\\n\\u001f\xC3\xA9\\\"\\\\\"]");
  EXPECT_EQ(Canonical(" { \"a\" : [ true , null , { } ] } "), "{\"a\":[true,null,{}]}");
}

TEST(CanonicalJsonTest, RefusesWhatTwoReadersReadDifferently) {
  EXPECT_EQ(Canonical(R"({"a":1,"a":1})"), "error");
  EXPECT_EQ(Canonical(R"({"a":{"b":1},"c":[{"b":1,"\u0062":2}]})"), "error") << "the same name, written otherwise";
  EXPECT_NE(Canonical(R"({"a":{"b":1},"b":{"b":1}})"), "error") << "the same name in two objects";
  EXPECT_EQ(Canonical("{\"a\":1}x"), "error");
  EXPECT_EQ(Canonical("[1e999]"), "error");
  EXPECT_EQ(Canonical("[\"\xFF\"]"), "error");
  EXPECT_EQ(Canonical("[\"\\ud800\"]"), "error");
  EXPECT_EQ(Canonical(std::string(100'000, '[')), "error");
  EXPECT_EQ(Canonical(""), "error");
}

}  // namespace
}  // namespace gatehouse::emrtd::seals
