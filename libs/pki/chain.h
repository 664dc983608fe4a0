// Chain building by the rules of trust_store.h. Internal to libs/pki.
#pragma once

#include <deque>
#include <optional>
#include <unordered_map>

#include "libs/pki/trust_store.h"

namespace gatehouse::pki {

struct Authority {
  CertificatePtr certificate;
  bool is_anchor = false;
};

class Authorities {
 public:
  // The same certificate added twice stands once, as an anchor if it came so once.
  void Add(CertificatePtr certificate, bool from_master_list);
  // As it was judged before; verifies nothing.
  void AddAs(CertificatePtr certificate, bool is_anchor);

  const std::deque<Authority>& all() const { return all_; }
  // The very certificate; null when it is not here.
  const Authority* Find(const Certificate& certificate) const;
  // Those of the issuer's name; the ones that the certificate or the list names more nearly come first.
  std::vector<const Authority*> Candidates(const Certificate& issued) const;
  std::vector<const Authority*> Candidates(const CertificateRevocationList& crl) const;
  // Those of the same country that bear another name and the key that the certificate names: of an authority that
  // kept its key and changed its name (Doc 9303-12 section 7.1.1, nameChange).
  std::vector<const Authority*> Renamed(const Certificate& issued) const;
  bool HasName(const DistinguishedName& name) const { return by_name_.contains(name.canonical()); }
  // The names that the authority of this name took later, where that is proven: by a link certificate that leads from
  // one name to the other and was signed by an authority of the old one, or by certificates of one key in both names
  // (which is the later one they do not say). The first name is not among them.
  std::vector<DistinguishedName> LaterNames(const DistinguishedName& name) const;
  // `authorities` and those that speak for what they issued (Doc 9303-12: an authority signs one revocation list, with
  // its present key, for all its keys): the other certificates of their keys, and those to which link certificates
  // lead, each signed by the key before. Only authorities that lead to an anchor here.
  std::vector<const Authority*> WithSuccessors(std::vector<const Authority*> authorities) const;
  // The certificates from `authority` up to an anchor, itself first; nothing when none is reached.
  std::optional<std::vector<CertificatePtr>> PathToAnchor(const Authority& authority) const;
  bool ReachesAnchor(const Authority& authority) const { return PathToAnchor(authority).has_value(); }

 private:
  bool IsRenaming(const Authority& link) const;
  std::vector<const Authority*> OfName(const DistinguishedName& name) const;
  bool Extend(const Authority& authority, std::vector<CertificatePtr>& path) const;

  std::deque<Authority> all_;  // never moves what it holds
  std::unordered_map<std::string, std::vector<Authority*>> by_name_;
  std::unordered_map<std::string, std::vector<Authority*>> by_key_identifier_;
  std::unordered_map<std::string, Authority*> by_fingerprint_;
};

// Whether the authorityKeyIdentifier names this authority: by its key, or else by its certificate's issuer and serial.
bool NamesAuthority(const Certificate& issued, const Certificate& authority);

// Whether it says of itself that it issues certificates. A self-issued one that does not is a signer too.
bool SaysAuthority(const Certificate& certificate);
// Why the certificate may not issue others; nothing when it may.
std::optional<std::string> WhyNoAuthority(const Certificate& certificate);
// Why the certificate may not sign documents; nothing when it may.
std::optional<std::string> WhyNoDocumentSigner(const Certificate& certificate);

// The same for any role.
std::optional<std::string> WhyNot(CertificateRole role, const Certificate& certificate);

SignerVerdict JudgeSigner(const CertificatePtr& signer, const Authorities& authorities,
                          CertificateRole role = CertificateRole::kDocumentSigner);

// The authority of the list's name that leads to an anchor and whose key signed it; null when there is none. Several
// authorities may bear one name and have nothing to do with each other, so whom the list speaks for is another question
// (revocation.h).
const Authority* SignerOf(const CertificateRevocationList& crl, const Authorities& authorities);
// The authorities that lead to an anchor and whose key signed the certificate: certificates of one key, as a rule.
std::vector<const Authority*> IssuersOf(const Certificate& certificate, const Authorities& authorities);

}  // namespace gatehouse::pki
