// A bundle of notices as it is exchanged: JSON inside a signed CMS message. docs/formats/notice.md is the format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/pki/certificate.h"
#include "services/document/notice.h"

namespace gatehouse::document {

inline constexpr size_t kMaxNoticeFileBytes = 48 * 1024 * 1024;
inline constexpr size_t kMaxNotices = 100'000;
inline constexpr size_t kMaxNoticeImageBytes = 512 * 1024;
inline constexpr size_t kMaxNoticeTextBytes = 2000;  // of one field
inline constexpr size_t kMaxNoticeFeatures = 32;
inline constexpr size_t kMaxNumberRanges = 1000;  // of one notice; patterns likewise
inline constexpr size_t kMaxNoticeNumber = 23;    // the longest document number of a zone
inline constexpr int kMaxNoticeNesting = 8;
inline constexpr uint64_t kMaxBundleNumber = uint64_t{1} << 53;

// A notice that is left out, and why: "notices[3].number_ranges[0].last: before the first".
struct NoticeRefusal {
  size_t row;      // from 0
  std::string id;  // where it could be read
  std::string reason;
};

struct NoticeBundle {
  std::string publisher;
  int64_t number = 0;                  // from 1; the publisher's later bundles have higher ones
  std::vector<Notice> notices;         // good rows, in their order
  std::vector<size_t> rows;            // where each of them stands in the bundle, from 0
  std::vector<NoticeRefusal> refused;  // bad ones
  pki::CertificatePtr signer;
  pki::CertificatePtr issuer;  // the one of the known issuers by which the signer is taken; may be the signer
};

// The JSON alone, whoever signed it. INVALID_ARGUMENT names the field when the bundle as a whole is none; a bad notice
// is refused by itself and its neighbours stay.
absl::StatusOr<NoticeBundle> ReadNotices(std::string_view json);

// A signed bundle: DER of a CMS SignedData (RFC 5652) around the JSON, with exactly one signer. `issuers` are the
// certificates of those who may publish notices: the signer is one of them, or has a certificate that one of them
// signed, lies inside the message, is valid at `at` and may sign. Nothing of an unsigned or badly signed bundle is
// read. INVALID_ARGUMENT: no such message; UNAUTHENTICATED: signed by nobody we know, or not by whom it says.
absl::StatusOr<NoticeBundle> ReadSignedNotices(std::string_view message,
                                               const std::vector<pki::CertificatePtr>& issuers, absl::Time at);

}  // namespace gatehouse::document
