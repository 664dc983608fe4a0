// Certificate, key and CA files, read and found to belong together before gRPC sees them: gRPC itself accepts anything
// and then fails every handshake. Private to libs/rpc.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/base/redacted.h"
#include "libs/rpc/channel.h"

namespace gatehouse::rpc {

inline constexpr size_t kMaxTlsFileBytes = 1024 * 1024;

// PEM texts.
struct TlsMaterial {
  std::string certificate;  // chain, leaf first
  base::Redacted<std::string> key;
  std::string ca;
};

// Errors as CheckTlsFiles (channel.h).
absl::StatusOr<TlsMaterial> ReadTlsFiles(const TlsFiles& files);

// Changes when any of the files does (identity, size, modification time); equal stamps mean the same contents.
std::string StampOf(const TlsFiles& files);

}  // namespace gatehouse::rpc
