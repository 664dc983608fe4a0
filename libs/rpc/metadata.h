// The request metadata that Gatehouse processes exchange. Only libs/rpc reads or writes it.
#pragma once

#include <cstddef>

namespace gatehouse::rpc {

// In process: the per-start token, and the module that calls. A network listener refuses both.
inline constexpr char kLocalTokenKey[] = "gatehouse-local-token";
inline constexpr char kLocalIdentityKey[] = "gatehouse-local-identity";

// On whose behalf; counts only from principals with may_act_for.
inline constexpr char kOfficerKey[] = "gatehouse-officer";
inline constexpr char kPurposeKey[] = "gatehouse-purpose";
inline constexpr char kCallIdKey[] = "gatehouse-call-id";

inline constexpr size_t kMaxOfficerBytes = 128;
inline constexpr size_t kMaxPurposeBytes = 64;
inline constexpr size_t kMaxCallIdBytes = 64;

}  // namespace gatehouse::rpc
