// TrustStore: what is trusted at one moment: country authorities, the signers known for look-up, revocation lists. An
// immutable snapshot; a change of any part is a new snapshot with another version. Any number of threads may ask it.
//
// Chains are built by our own rules and never by X509_STORE, which refuses explicit curve parameters and takes the
// first of several authorities of one name:
//  1. Candidates are the authorities whose subject is the signer's issuer; those whose key identifier is the signer's
//     authorityKeyIdentifier, or whose issuer and serial number stand in it, come first, then all others of the name,
//     until one signature fits. When none does, those of the country with that key identifier and another name: an
//     authority may change its name.
//  2. An authority is an anchor when it came in a signed master list or is self-signed and was given by the operator.
//     A link certificate given by the operator is only an intermediate: its own issuer must lead to an anchor.
//  3. An authority must be one: basicConstraints cA, keyUsage keyCertSign, no critical extension we do not know. The
//     extension basicConstraints may be missing in old ones if keyCertSign says it.
//  4. A signer must not be an authority, must be allowed to sign (digitalSignature), and not for another purpose.
// Nothing of this depends on time, so it is judged once per signer and remembered in the snapshot.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/pki/revocation.h"
#include "libs/pki/signed_data.h"

namespace gatehouse::pki {

// Links from a signer to its anchor. A country changes its key every three to five years and its signers live ten.
inline constexpr size_t kMaxChainLength = 5;
// Verdicts remembered per snapshot; a flood of made-up signers empties the memory and costs only time.
inline constexpr size_t kMaxRememberedVerdicts = 64 * 1024;
// Signers and revocation lists of the snapshot that stay parsed; one more empties the memory.
inline constexpr size_t kMaxParsedSigners = 8 * 1024;
inline constexpr size_t kMaxParsedCrls = 1024;

// What a certificate is for. Each has its own demands on keyUsage and extendedKeyUsage (Doc 9303-12 section 7.1).
enum class CertificateRole { kDocumentSigner, kMasterListSigner, kDeviationListSigner, kDefectListSigner, kAuthority };
// By what the certificate says of itself; a document signer when it says nothing.
CertificateRole RoleOf(const Certificate& certificate);
// "document_signer".
std::string_view ToWord(CertificateRole role);

enum class SignatureState { kValid, kInvalid, kUndetermined };
enum class ChainState { kValid, kInvalid, kNoTrustAnchor };

struct SignerVerdict {
  CertificatePtr signer;
  SignatureState signature = SignatureState::kUndetermined;  // of the signer's certificate, by an authority
  ChainState chain = ChainState::kNoTrustAnchor;
  std::string reason;  // why it is not valid; empty when it is
  // Authorities that issued the signer, the best first, each followed by what leads to its anchor. With several
  // certificates for one key (self-signed and link) there are several.
  std::vector<std::vector<CertificatePtr>> paths;
  // The authority that is named when there is no path: the candidate whose key should have fitted. May be null.
  CertificatePtr named_authority;
};
using SignerVerdictPtr = std::shared_ptr<const SignerVerdict>;

// What a store may lack whose history could not be read whole: reasons, empty where nothing is missing. Then silence is
// no good news: without a list nothing is cleared, and where a removal may be missing no chain is valid.
struct MissingTrust {
  std::string lists;     // a revocation list that was in use may not be here
  std::string removals;  // what was taken out of use may still be here

  bool empty() const { return lists.empty() && removals.empty(); }
};

struct MasterList;
class TrustSnapshot;

class TrustStore {
 public:
  class Builder {
   public:
    // Given by the operator: a self-signed authority becomes an anchor, another authority a link, anything else a
    // signer for look-up only. What says of itself that it is no authority is none, also where its issuer bears its
    // name: signers of seals do.
    void AddCertificate(CertificatePtr certificate);
    static bool IsAuthority(const Certificate& certificate);
    // All certificates as anchors. The caller has looked at its signature.
    void AddMasterList(const MasterList& list);
    void AddCrl(CrlPtr crl);
    // Verifies self-signatures and CRL signatures once. The builder is empty afterwards.
    std::shared_ptr<const TrustStore> Build();

   private:
    struct Authority {
      CertificatePtr certificate;
      bool from_master_list = false;
    };
    std::vector<Authority> authorities_;
    std::vector<CertificatePtr> signers_;
    std::vector<CrlPtr> crls_;
  };

  // The store of a snapshot, mapped or not; authorities are parsed here, everything else when it is asked for.
  // DATA_LOSS when an authority in it is none.
  static absl::StatusOr<std::shared_ptr<const TrustStore>> Open(std::shared_ptr<const TrustSnapshot> snapshot,
                                                                MissingTrust missing = {});
  const MissingTrust& missing() const;
  const TrustSnapshot& content() const;

  ~TrustStore();
  TrustStore(const TrustStore&) = delete;
  TrustStore& operator=(const TrustStore&) = delete;

  // Digest of the content, lower-case hexadecimal; the same content has the same version wherever it was built.
  const std::string& version() const;
  size_t authority_count() const;
  size_t anchor_count() const;
  size_t signer_count() const;
  size_t crl_count() const;

  // The signer a SignerInfo names, for security objects that embed none; null when unknown.
  CertificatePtr FindSigner(const SignerInfo& signer) const;
  // The signers known for look-up by serial number (value octets, leading zeros ignored) and by the last octets of the
  // SHA-1 of the certificate: seals name their signer so. What they are worth is Judge()'s word.
  std::vector<CertificatePtr> SignersOfSerial(Bytes serial) const;
  std::vector<CertificatePtr> SignersOfFingerprintTail(Bytes tail) const;

  // Parses (once) and judges (once). INVALID_ARGUMENT when the bytes are no certificate.
  absl::StatusOr<SignerVerdictPtr> Judge(Bytes signer_der) const;
  SignerVerdictPtr Judge(const CertificatePtr& signer) const;
  // Judged as what it is, a country authority or the signer of a list too; not remembered. An authority that is an
  // anchor here is its own path. A document's signer is judged by Judge() alone, for which no other role will do.
  SignerVerdict JudgeAs(CertificateRole role, const CertificatePtr& certificate) const;

  // Whether `certificate` is revoked at `check_time`, by the rules of revocation.h. An authority that changed its name
  // publishes under the new one: such lists are asked too (chain.h, LaterNames and WithSuccessors).
  RevocationAnswer Revocation(const Certificate& certificate, absl::Time check_time) const;
  // An authority that leads from the signer to an anchor, by whichever path, and is revoked itself, which takes what it
  // issued along; null when there is none.
  CertificatePtr RevokedAuthority(const SignerVerdict& verdict, absl::Time check_time) const;
  // The authority of the list's name that leads to an anchor here and whose key signed it; null without one.
  CertificatePtr SignerOf(const CertificateRevocationList& crl) const;
  // The same of a list that is here, by its element in content(); verifies nothing.
  CertificatePtr SignerOfCrl(uint32_t element) const;
  // Whether a link certificate, which need not be here, leads to an anchor here.
  bool LeadsToAnchor(const CertificatePtr& link) const;

 private:
  struct Snapshot;
  explicit TrustStore(std::unique_ptr<Snapshot> snapshot);
  std::unique_ptr<Snapshot> snapshot_;
};

// In its own name, and signed by its own key.
bool IsSelfSigned(const Certificate& certificate);

}  // namespace gatehouse::pki
