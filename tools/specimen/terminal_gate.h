// The chip's half of Terminal Authentication version 1 (TR-03110-1 section 3.5): lets in who can show a chain of CV
// certificates from a trust point and the key of the last.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/random.h"
#include "libs/emrtd/access/cv_chain.h"

namespace gatehouse::specimen {

class TerminalGate {
 public:
  using Bytes = emrtd::access::Bytes;
  using Octets = emrtd::access::Octets;

  // CV certificates of authorities, which are believed; what cannot be read is left out.
  TerminalGate(std::vector<Octets> trust_points, absl::CivilDay today);

  // Forgets what terminals have shown, not the trust points.
  void Reset();

  // What a signature of the terminal ties to this session.
  void SetChipId(Bytes chip_id) { chip_id_.assign(chip_id.begin(), chip_id.end()); }
  void SetTerminalKey(Bytes compressed) { terminal_key_.assign(compressed.begin(), compressed.end()); }

  // MSE:SET DST. False when no key of that name is known.
  bool SelectIssuer(const std::string& name);
  // The contents of a 7F21. False when the selected issuer did not issue it, or may not have.
  bool Import(Bytes contents);
  // MSE:SET AT: the terminal whose key signs.
  bool SelectTerminal(const std::string& name);
  const Octets& DrawChallenge(base::Random& random);
  bool Authenticate(Bytes signature);

  bool reads_fingerprints() const { return entered_ && current_->fingerprints; }
  bool reads_irises() const { return entered_ && current_->irises; }

 private:
  struct Holder {
    Octets encoding;
    emrtd::access::CvCertificate certificate;  // views into encoding
    std::optional<emrtd::access::CvKey> key;
    const emrtd::access::CvPublicKey* domain = nullptr;
    bool fingerprints = false, irises = false;
    bool trusted = false;
  };
  Holder* Find(const std::string& name);
  Holder* Keep(Octets encoding, const Holder* issuer);

  std::list<Holder> holders_;  // never moved: pointers stay good
  const absl::CivilDay today_;
  Octets chip_id_, terminal_key_, challenge_;
  Holder* issuer_ = nullptr;
  Holder* current_ = nullptr;
  bool entered_ = false;
};

}  // namespace gatehouse::specimen
