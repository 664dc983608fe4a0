// A chip in a reader of this machine, by PC/SC (pcsc-lite). One connection is one card from when it was laid on the
// reader; used by one thread at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/emrtd/access/transport.h"

namespace gatehouse::cli {

struct CardReader {
  std::string name;
  bool has_card = false;
};

// In PC/SC's order; none is an empty list. UNAVAILABLE: pcscd does not answer.
absl::StatusOr<std::vector<CardReader>> ListCardReaders();

class PcscTransport final : public emrtd::access::Transport {
 public:
  // The reader of this name, or the only one whose name contains it. NOT_FOUND: there is none, or no card lies on it;
  // INVALID_ARGUMENT: several contain it; UNAVAILABLE: pcscd does not answer.
  static absl::StatusOr<std::unique_ptr<PcscTransport>> Connect(const std::string& reader);
  ~PcscTransport() override;

  absl::StatusOr<emrtd::access::Octets> Transmit(emrtd::access::Bytes command) override;
  emrtd::access::Octets AnswerToReset() const override;

 private:
  struct Connection;
  explicit PcscTransport(std::unique_ptr<Connection> connection);
  const std::unique_ptr<Connection> connection_;
};

}  // namespace gatehouse::cli
