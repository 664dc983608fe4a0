// The places of things in a trust snapshot (docs/formats/trust-snapshot.md), for its reader and its writer.
#pragma once

#include <cstdint>
#include <string_view>

#include "libs/pki/tlv.h"

namespace gatehouse::pki::layout {

inline constexpr std::string_view kMagic = "GHTRUST3";
inline constexpr size_t kChecksumBytes = 32;

// Offsets in the header.
inline constexpr size_t kFileBytes = 8, kChangeNumber = 16, kVersionNumber = 24, kNewestImport = 32, kDigest = 40,
                        kSections = 72;
enum Section { kElements, kSerials, kKeys, kCrls, kRemoved, kSources, kVerdicts, kContents, kSectionCount };
inline constexpr size_t kSectionBytes = 16;  // u64 offset, u64 size
inline constexpr size_t kHeaderBytes = kSections + kSectionCount * kSectionBytes;

// An element: fingerprint, u64 offset in the contents, u32 size, u32 source, u32 verdict (of a revocation list: the
// element of the authority that signed it), u8 role, three octets 0.
inline constexpr size_t kElementBytes = 56;
inline constexpr size_t kContentOffset = 32, kContentSize = 40, kSource = 44, kVerdict = 48, kRole = 52;
inline constexpr uint32_t kNone = 0xFFFFFFFF;

// An index: u64 key, u32 element; ascending.
inline constexpr size_t kIndexBytes = 12;

// FNV-1a, 64 bits. Made-up collisions cost time only: what is found is compared.
inline uint64_t KeyOf(Bytes octets) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const uint8_t octet : octets) hash = (hash ^ octet) * 0x100000001b3;
  return hash;
}

inline uint64_t Load(const uint8_t* at, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value |= static_cast<uint64_t>(at[i]) << (8 * i);
  return value;
}

}  // namespace gatehouse::pki::layout
