#include "libs/emrtd/access/group.h"

#include <openssl/ec.h>
#include <openssl/objects.h>

#include "libs/base/status_macros.h"
#include "libs/emrtd/access/octets_for_tests.h"
#include "libs/pki/oid.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/status_matchers.h"

namespace gatehouse::emrtd::access {
namespace {

using testing::StatusIs;

constexpr int kIds[] = {0, 1, 2, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};

TEST(Group, TwoPartiesAgreeInEveryGroup) {
  testing::SeededRandom random(1);
  for (const int id : kIds) {
    const Group* group = Group::Find(id);
    ASSERT_NE(group, nullptr) << id;
    EXPECT_EQ(group->id(), id);
    EXPECT_EQ(group->elliptic(), id >= 8);
    EXPECT_OK(group->CheckElement(group->generator()));
    const KeyPair a = GenerateKeyPair(*group, random, group->generator());
    const KeyPair b = GenerateKeyPair(*group, random, group->generator());
    ASSERT_OK_AND_ASSIGN(const Octets theirs, DecodeElement(*group, EncodeElement(*group, b.public_key)));
    ASSERT_OK_AND_ASSIGN(const Octets secret_a, Agree(*group, a, theirs));
    ASSERT_OK_AND_ASSIGN(const Octets secret_b, Agree(*group, b, a.public_key));
    EXPECT_EQ(secret_a, secret_b) << group->name();
    EXPECT_NE(a.public_key, b.public_key);
    // (a / b) * (b * G) is a * G.
    const Octets quotient = group->DivideScalars(a.private_key.Reveal(), b.private_key.Reveal());
    ASSERT_OK_AND_ASSIGN(const Octets again, group->Multiply(quotient, b.public_key));
    EXPECT_EQ(again, a.public_key) << group->name();
  }
}

TEST(Group, ReservedNumbersHaveNoGroup) {
  for (const int id : {-1, 3, 4, 7, 19, 20, 31, 32, 100}) EXPECT_EQ(Group::Find(id), nullptr) << id;
}

TEST(Group, ForeignElementsAreRefused) {
  for (const int id : kIds) {
    const Group& group = *Group::Find(id);
    Octets bent = group.generator();
    bent.back() ^= 1;
    EXPECT_FALSE(group.CheckElement(bent).ok()) << group.name();
    EXPECT_FALSE(group.CheckElement({}).ok());
    EXPECT_FALSE(group.CheckElement(Octets(1)).ok());
    EXPECT_FALSE(group.CheckElement(Octets(group.element_bytes())).ok());
    EXPECT_FALSE(group.CheckElement(Octets(group.element_bytes(), 0xFF)).ok());
    EXPECT_FALSE(group.CheckElement(Octets(group.element_bytes() + 1)).ok());
    // order * G is the neutral element.
    EXPECT_THAT(group.Multiply(group.order(), group.generator()), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(MakeKeyPair(group, Octets(4), group.generator()), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  // 1 and p-1 are of the range's edge, and 2 is of no subgroup.
  const Group& modp = *Group::Find(0);
  Octets small(modp.element_bytes());
  for (const uint8_t value : {1, 2}) {
    small.back() = value;
    EXPECT_FALSE(modp.CheckElement(small).ok()) << int{value};
  }
}

Octets Identifier(Bytes parameters, const pki::Oid& algorithm) {
  return EncodeTlv(pki::tag::kSequence, {EncodeTlv(pki::tag::kOid, algorithm.bytes()), parameters});
}

absl::StatusOr<const Group*> MatchEncoded(Bytes identifier) {
  GH_ASSIGN_OR_RETURN(const pki::Tlv element,
                      pki::ReadOnly(identifier, pki::tag::kSequence, pki::Rules::kDer, "identifier"));
  GH_ASSIGN_OR_RETURN(const emrtd::DomainParameters stated, ReadDomainParameters(element, "identifier"));
  return Group::Of(stated);
}

TEST(Group, KnownCurvesAreMatchedByNameAndByNumbers) {
  for (const int id : {8, 12, 13, 17, 18}) {
    EC_GROUP* group = EC_GROUP_new_by_curve_name(OBJ_txt2nid(std::string(Group::Find(id)->name()).c_str()));
    for (const int form : {OPENSSL_EC_NAMED_CURVE, OPENSSL_EC_EXPLICIT_CURVE}) {
      EC_GROUP_set_asn1_flag(group, form);
      Octets parameters(static_cast<size_t>(i2d_ECPKParameters(group, nullptr)));
      unsigned char* out = parameters.data();
      i2d_ECPKParameters(group, &out);
      ASSERT_OK_AND_ASSIGN(const auto* match, MatchEncoded(Identifier(parameters, pki::oid::kEcPublicKey)));
      EXPECT_EQ(match->id(), id);
      if (form == OPENSSL_EC_NAMED_CURVE) continue;
      // One bit of a number, here of the cofactor, makes it a stranger.
      parameters.back() ^= 1;
      EXPECT_FALSE(MatchEncoded(Identifier(parameters, pki::oid::kEcPublicKey)).ok());
    }
    EC_GROUP_free(group);
  }
  // A curve that is known to certificates but not standardised here.
  EXPECT_THAT(MatchEncoded(Identifier(EncodeTlv(pki::tag::kOid, pki::Oid("1.3.36.3.3.2.8.1.1.1").bytes()),
                                      pki::oid::kEcPublicKey)),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("not standardised")));
}

TEST(Group, OnlyTheStandardisedModpGroupsAreMatched) {
  const pki::Oid dh_key_agreement = "1.2.840.113549.1.3.1";  // PKCS #3
  // p of RFC 5114 section 2.1.
  const Octets p = FromHex(
      "00B10B8F96A080E01DDE92DE5EAE5D54EC52C99FBCFB06A3C69A6A9DCA52D23B616073E28675A23D189838EF1E2EE652C013ECB4AEA90611"
      "2324975C3CD49B83BFACCBDD7D90C4BD7098488E9C219A73724EFFD6FAE5644738FAA31A4FF55BCCC0A151AF5F0DC8B4BD45BF37DF365C1A"
      "65E68CFDA76D4DA708DF1FB2BC2E4A4371");
  Octets g = Group::Find(0)->generator();
  g.insert(g.begin(), 0);
  const auto match = [&] {
    return MatchEncoded(
        Identifier(EncodeTlv(pki::tag::kSequence, {EncodeTlv(pki::tag::kInteger, p), EncodeTlv(pki::tag::kInteger, g)}),
                   dh_key_agreement));
  };
  ASSERT_OK_AND_ASSIGN(const auto* group, match());
  EXPECT_EQ(group->id(), 0);
  g.back() ^= 1;
  EXPECT_THAT(match(), StatusIs(absl::StatusCode::kInvalidArgument));
}

// Doc 9303-11 appendix H.1.
TEST(Group, TheIntegratedMappingOfTheWorkedExample) {
  const Group& group = *Group::Find(13);
  EXPECT_THAT(group.MapToElement(FromHex("A2F8FF2DF50E52C6599F386ADCB595D229F6A167ADE2BE5F2C3296ADD5B7430E")),
              testing::IsOkAndHolds(FromHex("04 8E82D31559ED0FDE92A4D0498ADD3C23BABA94FB77691E31E90AEA77FB17D427"
                                            "4C1AE14BD0C3DBAC0C871B7F3608169364437CA30AC243A089D3F266C1E60FAD")));
}

TEST(Group, TheIntegratedMappingStaysInItsGroup) {
  for (const int id : kIds) {
    const Group& group = *Group::Find(id);
    if (id == 10) {  // p of P-224 is 1 modulo 4
      EXPECT_THAT(group.MapToElement(Octets{5}), StatusIs(absl::StatusCode::kInvalidArgument));
      continue;
    }
    for (uint8_t number = 2; number < 12; ++number) {
      ASSERT_OK_AND_ASSIGN(const Octets element, group.MapToElement(Octets{number}));
      EXPECT_OK(group.CheckElement(element));
    }
    EXPECT_FALSE(group.MapToElement(Octets{0}).ok());
  }
}

}  // namespace
}  // namespace gatehouse::emrtd::access
