// Revocation lists: when and why, lists that are not whole, and lists in the names of several issuers.
#include "libs/pki/crl.h"

#include <gtest/gtest.h>

#include "libs/pki/specimen_for_tests.h"
#include "libs/pki/trust_store.h"

namespace gatehouse::pki {
namespace {

using namespace specimen;

constexpr int kSerial = 77;
const std::string kOwnName = Name("UT", "CSCA");
const std::string kOtherName = Name("UT", "Other");

std::string Reason(char code) { return Extension(oid::kCrlReason, false, Element(0x0A, std::string(1, code))); }
std::string EntryOf(const std::string& issuer) {
  return Extension(oid::kCertificateIssuer, true, Sequence({Element(0xA4, issuer)}));
}
std::string Delta() { return Extension(oid::kDeltaCrlIndicator, true, Integer(1)); }
std::string Point(const std::vector<std::string>& parts) {
  return Extension(oid::kIssuingDistributionPoint, true, Sequence(parts));
}
std::string Flag(uint8_t tag) { return Element(tag, "\xFF"); }

class CrlTest : public testing::Test {
 protected:
  CrlTest() {
    CertificateRequest authority{.subject = kOwnName,
                                 .not_after = "350101000000Z",
                                 .key_info = key_.info,
                                 .subject_key_identifier = "authority key",
                                 .authority = true,
                                 .key_usage = 0x06,
                                 .algorithm = DefaultAlgorithm("prime256v1")};
    authority_ = *Certificate::Parse(AsBytes(MakeCertificate(authority, key_)));
    CertificateRequest signer{.serial = kSerial,
                              .key_info = key_.info,
                              .authority_key_identifier = "authority key",
                              .key_usage = 0x80,
                              .algorithm = authority.algorithm};
    signer_ = *Certificate::Parse(AsBytes(MakeCertificate(signer, key_)));
    request_.algorithm = authority.algorithm;
  }

  absl::StatusOr<CrlPtr> Parse(const CrlRequest& request) const {
    return CertificateRevocationList::Parse(AsBytes(MakeCrl(request, key_)));
  }
  // On 2026-06-15.
  RevocationAnswer Ask(const std::vector<CrlRequest>& requests, const Certificate& certificate) const {
    TrustStore::Builder builder;
    builder.AddCertificate(authority_);
    for (const CrlRequest& request : requests) {
      const auto crl = Parse(request);
      EXPECT_TRUE(crl.ok()) << crl.status();
      if (crl.ok()) builder.AddCrl(*crl);
    }
    return builder.Build()->Revocation(certificate, absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone()));
  }
  RevocationAnswer Ask(const std::vector<CrlRequest>& requests) const { return Ask(requests, *signer_); }

  Key key_{"prime256v1"};
  CertificatePtr authority_, signer_;
  CrlRequest request_;
};

TEST_F(CrlTest, KeepsWhenAndWhy) {
  request_.serials = {kSerial, 5};
  request_.entry_extensions = Reason(1);
  const auto crl = Parse(request_);
  ASSERT_TRUE(crl.ok()) << crl.status();
  const RevokedCertificate* entry = (*crl)->Find(signer_->serial);
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(absl::FormatTime(entry->revoked_at, absl::UTCTimeZone()), "2024-03-01T00:00:00+00:00");
  EXPECT_EQ(entry->reason, RevocationReason::kKeyCompromise);
  EXPECT_EQ((*crl)->Find(AsBytes("\x05"))->reason, RevocationReason::kUnspecified);
  EXPECT_EQ(DescribeEntry(Ask({request_})), "listed as revoked on 2024-03-01, key_compromise");
}

TEST_F(CrlTest, EveryReasonHasItsWordAndOtherNumbersAreNone) {
  request_.serials = {kSerial};
  for (const char code : {0, 1, 2, 3, 4, 5, 6, 9, 10}) {
    request_.entry_extensions = Reason(code);
    const RevocationAnswer answer = Ask({request_});
    EXPECT_EQ(answer.state, RevocationState::kRevoked) << int{code};
    EXPECT_FALSE(ToWord(answer.entry->reason).empty()) << int{code};
  }
  for (const char code : {7, 11, 127}) {
    request_.entry_extensions = Reason(code);
    EXPECT_FALSE(Parse(request_).ok()) << int{code};
  }
  request_.entry_extensions = Extension(oid::kCrlReason, false, Element(0x0A, ""));
  EXPECT_FALSE(Parse(request_).ok());
}

TEST_F(CrlTest, AHoldRevokesForAsLongAsItIsListed) {
  request_.serials = {kSerial};
  request_.entry_extensions = Reason(6);
  const RevocationAnswer held = Ask({request_});
  EXPECT_EQ(held.state, RevocationState::kRevoked);
  EXPECT_EQ(held.entry->reason, RevocationReason::kCertificateHold);
  CrlRequest later = request_;
  later.this_update = "260610000000Z";
  later.serials.clear();
  EXPECT_EQ(Ask({request_, later}).state, RevocationState::kGood);
  request_.entry_extensions = Reason(8);  // removeFromCRL: this entry lifts, and does not revoke
  EXPECT_EQ(Ask({request_}).state, RevocationState::kGood);
}

TEST_F(CrlTest, AListThatIsNotWholeRevokesAndNeverClears) {
  struct Case {
    const char* what;
    std::string extension;
    const char* why;
  };
  const Case kCases[] = {
      {"delta", Delta(), "holds only what changed since another one"},
      {"indirect", Point({Flag(0x84)}), "is an indirect one"},
      {"some reasons", Point({Element(0x83, std::string("\x05\x60", 2))}), "is for some reasons of revocation only"},
      {"attribute certificates", Point({Flag(0x85)}), "is for attribute certificates only"},
      {"authorities", Point({Flag(0x82)}), "is for authorities only"},
      {"one point", Point({Element(0xA0, Element(0xA0, Element(0x86, "http://x/")))}),
       "is that of one distribution point"},
  };
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.what);
    CrlRequest partial = request_;
    partial.extensions = {one.extension};
    RevocationAnswer answer = Ask({partial});
    EXPECT_EQ(answer.state, RevocationState::kNoCrl);
    EXPECT_EQ(answer.partial_crl, one.why);
    EXPECT_EQ(Ask({request_, partial}).state, RevocationState::kGood) << "by the whole list beside it";

    partial.serials = {kSerial};
    answer = Ask({partial});
    EXPECT_EQ(answer.state, RevocationState::kRevoked);
    EXPECT_NE(answer.entry, nullptr);
    EXPECT_EQ(Ask({request_, partial}).state, RevocationState::kRevoked);
    partial.this_update = "260501000000Z";
    EXPECT_EQ(Ask({request_, partial}).state, RevocationState::kGood) << "the whole list is the later one";
    partial.next_update = "260520000000Z";
    answer = Ask({partial});
    EXPECT_EQ(answer.state, RevocationState::kUndetermined);
    EXPECT_TRUE(answer.listed_on_stale_crl);
    partial.this_update = "261001000000Z";
    partial.next_update = "261101000000Z";
    EXPECT_EQ(Ask({partial}).state, RevocationState::kNoCrl) << "not yet in force";
  }
}

TEST_F(CrlTest, OnlyAListThatSaysAsMuchSupersedesAnother) {
  const auto with = [&](const std::vector<std::string>& extensions) {
    CrlRequest request = request_;
    request.extensions = extensions;
    return *Parse(request);
  };
  const CrlPtr whole = with({}), delta = with({Delta()}), of_signers = with({Point({Flag(0x81)})});
  const CrlPtr of_point = with({Point({Element(0xA0, Element(0xA0, Element(0x86, "http://x/")))})});
  for (const CrlPtr& other : {whole, delta, of_signers, of_point}) EXPECT_TRUE(whole->Supersedes(*other));
  for (const CrlPtr& other : {whole, delta}) EXPECT_FALSE(delta->Supersedes(*other));
  for (const CrlPtr& other : {whole, of_point}) EXPECT_FALSE(of_point->Supersedes(*other));
  EXPECT_TRUE(of_signers->Supersedes(*of_signers));
  EXPECT_FALSE(of_signers->Supersedes(*whole));
}

TEST_F(CrlTest, AListOfAKindOfCertificateIsWholeForThatKind) {
  request_.extensions = {Point({Flag(0x81)})};
  EXPECT_EQ(Ask({request_}).state, RevocationState::kGood);
  EXPECT_EQ(Ask({request_}, *authority_).state, RevocationState::kNoCrl);
  request_.extensions = {Point({Flag(0x82)})};
  EXPECT_EQ(Ask({request_}, *authority_).state, RevocationState::kGood);
}

TEST_F(CrlTest, AnEntryOfAnotherIssuerRevokesNothingHere) {
  request_.extensions = {Point({Flag(0x84)})};
  request_.serials = {5, kSerial};
  request_.entry_extensions = EntryOf(kOtherName);  // and of those after it
  EXPECT_EQ(Ask({request_}).state, RevocationState::kNoCrl);
  request_.entry_extensions = EntryOf(kOwnName);
  EXPECT_EQ(Ask({request_}).state, RevocationState::kRevoked);
  request_.extensions.clear();
  EXPECT_FALSE(Parse(request_).ok()) << "the list must say that it is indirect";
  request_.entry_extensions = Extension(oid::kCertificateIssuer, true, "?");
  EXPECT_FALSE(Parse(request_).ok());
}

TEST_F(CrlTest, RefusesWhatItDoesNotKnow) {
  CrlRequest request = request_;
  request.extensions = {Extension("1.2.3.4", true, "?")};
  EXPECT_FALSE(Parse(request).ok());
  request.extensions = {Extension("1.2.3.4", false, "?")};
  EXPECT_TRUE(Parse(request).ok());
  for (const std::string& broken : {Point({Element(0x81, "\x01")}), Point({Element(0x86, "\xFF")}),
                                    Extension(oid::kIssuingDistributionPoint, true, "?")}) {
    request.extensions = {broken};
    EXPECT_FALSE(Parse(request).ok());
  }
  request = request_;
  request.serials = {kSerial};
  request.entry_extensions = Extension("1.2.3.4", true, "?");
  EXPECT_FALSE(Parse(request).ok());
  request.entry_extensions.clear();
  request.revoked_at = "2403";
  EXPECT_FALSE(Parse(request).ok());
}

TEST_F(CrlTest, ARevocationIsInForceFromTheListsDateOn) {
  request_.serials = {kSerial};
  request_.revoked_at = "260901000000Z";  // announced
  EXPECT_EQ(Ask({request_}).state, RevocationState::kRevoked);
  request_.this_update = "260701000000Z";
  const RevocationAnswer early = Ask({request_});
  EXPECT_EQ(early.state, RevocationState::kUndetermined);
  EXPECT_TRUE(early.listed_on_stale_crl);
}

}  // namespace
}  // namespace gatehouse::pki
