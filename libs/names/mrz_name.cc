#include "libs/names/mrz_name.h"

namespace gatehouse::names {
namespace {

bool IsFullLength(size_t length) { return length == 30 || length == 31 || length == 39; }

}  // namespace

MrzName ParseMrzName(std::string_view field) {
  MrzName name;
  name.tokens = Tokenize(field, &name.left_out);  // < is a break like any punctuation
  name.truncated = IsFullLength(field.size()) && field.back() != '<' && !name.tokens.empty();
  if (name.truncated) name.tokens.back().prefix = true;
  return name;
}

}  // namespace gatehouse::names
