// Distinguished names, compared as RFC 5280 section 7.1 says: case folded, blanks squeezed, whatever the string type.
// Country authorities change PrintableString to UTF8String between a certificate and the next, and the name stays.
#pragma once

#include <string>

#include "libs/pki/tlv.h"

namespace gatehouse::pki {

inline constexpr size_t kMaxNameBytes = 4096;

class DistinguishedName {
 public:
  DistinguishedName() = default;
  // `name` is the RDNSequence, tag included.
  static absl::StatusOr<DistinguishedName> Parse(Bytes name);

  // Equal names have equal canonical texts; fit as a map key.
  const std::string& canonical() const { return canonical_; }
  // The C attribute in upper case (authorities write "de" too), empty when there is none.
  const std::string& country() const { return country_; }
  // The C attribute as it stands.
  const std::string& country_as_written() const { return country_as_written_; }
  // The CN attribute as it stands, empty when there is none; the last of several.
  const std::string& common_name() const { return common_name_; }
  // "C=UT, O=Border Test Authority, CN=CSCA", for people.
  const std::string& text() const { return text_; }
  bool empty() const { return canonical_.empty(); }

  friend bool operator==(const DistinguishedName& a, const DistinguishedName& b) {
    return a.canonical_ == b.canonical_;
  }

 private:
  std::string canonical_;
  std::string country_;
  std::string country_as_written_;
  std::string common_name_;
  std::string text_;
};

}  // namespace gatehouse::pki
