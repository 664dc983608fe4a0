// Trust given as files on the command line, read and judged here, without a server.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/pki/deviation_table.h"
#include "libs/pki/trust_material.h"
#include "libs/pki/trust_store.h"
#include "services/document/trust_list.h"
#include "tools/gatehouse/context.h"

namespace gatehouse::cli {

struct LocalTrust {
  std::shared_ptr<const pki::TrustStore> store;
  // Deviation and defect lists whose signer leads to an anchor of `store`.
  pki::DeviationTable deviations;
  // The file that a certificate came from first; key: its fingerprint.
  std::unordered_map<std::string, std::string> sources;
  // What the Public Key Directory says of certificates that came from it; key: fingerprint.
  std::unordered_map<std::string, pki::PkdMark> pkd_marks;
};

// Certificates, master lists, revocation lists, deviation and defect lists, files of the Public Key Directory; in files
// and folders. Deltas of the directory are applied to what stood before them, and refused when versions are missing
// between. What cannot be used is told on `context.err` and skipped: one broken file must not hide the others. A broken
// revocation list in a folder may be the one that revokes, so the store knows that it may lack one (pki::MissingTrust).
// `crls`: further paths; a file that is named there holds a list, or INVALID_ARGUMENT.
// NOT_FOUND for a path that is not there.
absl::StatusOr<LocalTrust> ReadLocalTrust(Context& context, const std::vector<std::string>& paths,
                                          const std::vector<std::string>& crls = {});

// Element `index` of the store in words, with the file it came from. Its signer is judged now.
document::TrustEntry LocalEntry(const LocalTrust& trust, uint32_t index);

// --at: RFC 3339, or a day, which begins in UTC; now when it is empty.
absl::StatusOr<absl::Time> ParseCheckTime(const std::string& at);

}  // namespace gatehouse::cli
