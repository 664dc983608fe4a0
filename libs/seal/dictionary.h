// The dictionaries of packed values, from the files dictionary_*.zdict, by their ids. Private to libs/seal.
#pragma once

#include <string_view>

namespace gatehouse::seal {

extern const std::string_view kDictionary40001;

}  // namespace gatehouse::seal
