// The ICAO Public Key Directory as it is published: LDIF files, one whole one of each collection and deltas with a
// version counter (Doc 9303-12 section 5.2.2, PKD interface specification). Document signers and revocation lists are
// collection 1, master lists 2, non-conformant ones (dc=nc-data) 3. Here an entry gets its meaning; ldif.h reads it.
//
// The directory vouches for nothing: a signer is trusted when its authority is, a master list by its own signature. An
// authority's certificate among the signers would be a way into the trust store, so it is left out and named.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "libs/pki/ldif.h"
#include "libs/pki/tlv.h"
#include "libs/pki/trust_content.h"

namespace gatehouse::pki {

inline constexpr size_t kMaxPkdEntries = 1'000'000;
inline constexpr size_t kMaxConformanceBytes =
    256;  // of a code or its text; the rest is cut, and what is not ASCII is "?"

// What the directory says of an entry.
struct PkdMark {
  size_t line = 0;        // of the entry in the file
  std::string dn;         // as it stands
  std::string country;    // "c=" of the DN, upper case
  std::string container;  // "o=" of the DN, lower case: dsc, crl, ml
  PkdConformance conformance;
  std::optional<int64_t> version;  // pkdVersion
};

struct PkdObject {
  PkdMark mark;
  std::string_view der;                 // valid during the call only
  bool is_authority_attribute = false;  // cACertificate, cscaCertificate: the operator's own directory
};

// The collections are published apart, each with its own version counter. Numbers are those of the directory.
enum class PkdCollection { kSigners = 1, kMasterLists = 2, kNonconformant = 3 };

// The version counters that a file speaks of.
struct PkdVersions {
  bool is_delta = false;  // it holds changes, or says by its name that it does
  std::set<PkdCollection> collections;
  std::set<int64_t> stated;
  size_t deletions = 0;  // these bear no version

  std::optional<int64_t> first() const { return stated.empty() ? std::nullopt : std::optional(*stated.begin()); }
  std::optional<int64_t> last() const { return stated.empty() ? std::nullopt : std::optional(*stated.rbegin()); }
};

struct PkdFile {
  size_t entries = 0;
  PkdVersions versions;
  std::vector<std::string> deleted;  // the DNs that a delta takes out
  std::vector<std::string> skipped;  // one sentence for each broken entry, with its line
};

// Walks the file once; `take` gets every object in it, one after another. Never fails as a whole.
PkdFile ReadPkd(std::string_view text, const std::function<void(const PkdObject&)>& take);

// The same without its objects, and with what the name of the file adds.
PkdFile ReadPkdSummary(std::string_view path, std::string_view text);

// What the directory's own file name adds, "icaopkd-001-delta-009410.ldif": which collection it is; that it is a delta
// also where its entries are written without a change; and the version of one that states none, because nothing changed
// or all was deleted. Other names add nothing. Folders before the name are passed over.
void AddFromFileName(std::string_view path, PkdVersions& versions);

// The values of a name's attributes, folded and sorted. Their types and order are left out, for servers spell both in
// several ways. `text` as DistinguishedName::text(); a comma inside a value parts it, on whatever side.
std::vector<std::string> NameValues(std::string_view text);

// What the DN of an entry names: `cn=<issuer>+sn=<serial, hexadecimal>,o=<container>,...`; a revocation list has no
// serial.
struct PkdName {
  std::string container;            // lower case
  std::vector<std::string> issuer;  // as NameValues() of a certificate's issuer
  std::string serial;               // octets
};
// INVALID_ARGUMENT when it names nothing that way.
absl::StatusOr<PkdName> ParsePkdName(std::string_view dn);

// Whether a delta may be applied to a collection held at version `held`. FAILED_PRECONDITION names the versions that
// are missing between, or says that the delta is already held; a whole file always follows.
absl::Status CheckFollows(const PkdVersions& delta, int64_t held);

}  // namespace gatehouse::pki
