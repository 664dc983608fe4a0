// How the reader gets into the chip, and in again after a session was lost. Internal to reader.cc.
#pragma once

#include "libs/emrtd/access/pace_exchange.h"
#include "libs/emrtd/access/reader.h"

namespace gatehouse::emrtd::access {

class DocumentAccess {
 public:
  // All must outlive the object.
  DocumentAccess(Channel& channel, const AccessKeys& keys, base::Random& random)
      : channel_(channel), keys_(keys), random_(random) {}

  // PACE, by the first password and protocol that succeed. NOT_FOUND: the chip offers none that we can run, or there is
  // no password; else the last failure.
  absl::Status TryPace(const SecurityInfos& card_access);
  // The application must be selected. NOT_FOUND: no machine-readable zone is given.
  absl::Status TryBac();
  // Selects the eMRTD application.
  absl::Status SelectApplication();

  // The same way in once more, after the session died. FAILED_PRECONDITION when there was none.
  absl::Status Repeat();

  const std::optional<PaceEstablished>& pace() const { return pace_; }
  std::string protocol() const { return protocol_; }
  // ID_PICC of Terminal Authentication; empty when the access was in the clear.
  const Octets& chip_id() const { return chip_id_; }

 private:
  absl::Status RunPaceWith(const PaceRun& run);
  absl::Status RunBacWith(const std::string& mrz_information);

  Channel& channel_;
  const AccessKeys& keys_;
  base::Random& random_;
  std::optional<PaceRun> pace_run_;
  std::optional<PaceEstablished> pace_;
  std::optional<std::string> bac_information_;
  std::string protocol_;
  Octets chip_id_;
};

// Nothing more can be had from the chip.
bool IsLost(const absl::Status& status);

// SELECT of the master file, which not every chip has: the answer does not matter.
absl::Status SelectMasterFile(Channel& channel);

}  // namespace gatehouse::emrtd::access
