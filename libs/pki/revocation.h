// What revocation lists say of one certificate. Several authorities may bear one name: a State's before and after a
// change of keys, or two that have nothing to do with each other. So a list is weighed by whose key signed it and never
// by its name alone, nor by its place among others (docs/decisions/0018-whose-list-clears.md):
//  - any list in force in the authority's name that holds the serial number revokes, whichever key of the name signed
//  it;
//  - only a list in force that speaks for the certificate clears: signed by the key that signed the certificate, or by
//    one to which link certificates lead from that key (Doc 9303-12: the present key signs the list for all);
//  - a namesake's list clears nothing, and where it is all there is the answer is undetermined and says so.
// A list is no longer in force when its key has signed a later one that says as much and is in force.
#pragma once

#include <string>
#include <vector>

#include "libs/pki/crl.h"

namespace gatehouse::pki {

enum class RevocationState {
  kGood,          // a fresh, well-signed, whole CRL that speaks for it does not list it
  kRevoked,       // a fresh, well-signed CRL in its issuer's name lists it
  kNoCrl,         // no well-signed, whole CRL in its issuer's name
  kUndetermined,  // there is one, but none that answers; DescribeUndetermined() says why
};
struct RevocationAnswer {
  RevocationState state = RevocationState::kNoCrl;
  // The one that speaks for it is past its date or not yet in force, and lists it.
  bool listed_on_stale_crl = false;
  // Undetermined because no list speaks for it: `crl` is that of another key of its issuer's name.
  bool crl_of_another_key = false;
  bool badly_signed_crl = false;  // a CRL in the issuer's name that no key of the issuer signed; it was not used
  // Why a CRL of the issuer may be missing or cannot be read, so that nothing clears the certificate; empty: none is.
  std::string missing_crl;
  // A well-signed CRL of the issuer is not whole (CertificateRevocationList::WhyNotWholeFor says why): a listing in it
  // counts, its silence does not. Empty without one.
  std::string partial_crl;
  CrlPtr crl;                                 // the one that decided; may be null
  const RevokedCertificate* entry = nullptr;  // in `crl`, that lists the certificate; null when it does not
};
// "listed as revoked on 2024-03-01, key_compromise"; the answer has an entry.
std::string DescribeEntry(const RevocationAnswer& answer);
// Why nothing is known, for a person; the answer is undetermined. "the revocation list, of 2026-06-01 to 2026-09-01, is
// not current; it lists the certificate".
std::string DescribeUndetermined(const RevocationAnswer& answer);

// A well-signed list in the name of a certificate's issuer.
struct HeldList {
  CrlPtr crl;
  Bytes key;            // that signed it: SubjectPublicKeyInfo
  bool speaks = false;  // for the certificate
};
// `lists` in any order: the answer does not depend on it. At `check_time`.
RevocationAnswer AskLists(const std::vector<HeldList>& lists, const Certificate& certificate, absl::Time check_time);

}  // namespace gatehouse::pki
