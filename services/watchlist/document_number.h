// Document numbers and types brought to the form in which they are compared.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::watchlist {

inline constexpr size_t kMaxDocumentNumberBytes = 64;

// Upper case; blanks, hyphens, dots, slashes and MRZ fillers dropped; leading zeros kept. Empty when nothing is left or
// the text is over the bound or holds anything else than A-Z and 0-9.
std::string CanonicalDocumentNumber(std::string_view number);

// The canonical number with the characters that readers and clerks confuse made one: 0/O/Q/D, 1/I/L, 2/Z, 5/S, 6/G,
// 8/B. Equal keys of unequal numbers are a weak hit, labelled as such.
std::string ConfusionKey(std::string_view canonical_number);

// "P", "PD", "passport" -> P; "ID", "I", "AC", "national identification number" -> I; "V", "visa" -> V; anything else,
// "" included -> "" (compares with every type).
std::string CanonicalDocumentType(std::string_view type);

// names::CountryCode, and for what that does not know: three letters stay as they are in upper case (unknown codes are
// kept, never dropped), anything else is "".
std::string CanonicalIssuer(std::string_view issuer);

}  // namespace gatehouse::watchlist
