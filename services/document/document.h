// Verifying one travel document: the printed machine-readable zone, the chip by
// passive authentication, and one against the other. A bad document is a
// finding, never an error: whatever was presented gives a report, and every
// check that could not be made says so. Nothing here decides about the
// traveller: that is the inspection's policy.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/partial_date.h"
#include "libs/emrtd/lds/face.h"
#include "libs/emrtd/passive_authentication.h"
#include "libs/emrtd/tr03135.h"
#include "libs/mrz/parse.h"
#include "libs/pki/trust_store.h"
#include "services/document/mrz_comparison.h"
#include "services/document/notice_index.h"
#include "services/document/presented.h"
#include "services/document/seal_checks.h"
#include "services/document/seen_documents.h"
#include "services/document/verdict.h"

namespace gatehouse::document {

enum class IdentitySource { kNone, kChip, kPrinted };

// Who the document says its bearer is. Personal data.
struct Identity {
  IdentitySource source = IdentitySource::kNone;
  std::string document_code;
  std::string document_number;
  std::string issuing_state;
  std::string nationality;
  std::string primary_identifier;
  std::string secondary_identifier;
  std::string mrz_name;
  base::PartialDate birth_date;
  base::PartialDate expiry_date;
  mrz::Sex sex = mrz::Sex::kUnspecified;
};

struct Report {
  bool has_chip = false;
  emrtd::PassiveAuthenticationReport chip;  // only meaningful with has_chip
  std::optional<mrz::ParsedMrz> printed_mrz;
  std::optional<mrz::ParsedMrz> chip_mrz;
  std::vector<FieldComparison> mrz_comparison;  // printed zone against DG1; empty when they were not compared
  std::vector<SealFinding> seals;               // in the order they were presented
  std::vector<SeenBefore> seen_before;
  std::vector<NoticeMatch> notices;  // that fit it: what warns before what shows a genuine one
  std::vector<emrtd::Tr03135Check> checks;
  Verdict verdict;  // with one judgement for each of `checks`
  Identity identity;
  std::optional<emrtd::FaceImage> face;  // its bytes point into what was presented
  std::string summary;                   // one sentence for an officer
};

// By what a document is judged. Everything referred to outlives the call.
struct Standards {
  const pki::TrustStore& trust;
  const Policy& policy;
  absl::Time check_time;
  const pki::DeviationTable* deviations = nullptr;  // null: no deviation list is in force
  SeenDocuments* seen = nullptr;                    // null: documents seen before are not kept here
  const NoticeIndex* notices = nullptr;             // null: notices are not asked
  std::string notice_version = {};                  // which notices these are
  std::string notice_doubt = {};                    // why there may be others by now; empty: there are none
  std::string post = {};                            // where the document is presented; may be empty
  std::string caller = {};                          // who says so
  absl::Time now = absl::InfinitePast();            // when it is presented, whatever time it is checked for
};

// Thread-safe.
Report Verify(const Presented& presented, const Standards& standards);

}  // namespace gatehouse::document
