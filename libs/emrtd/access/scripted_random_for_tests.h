// Randomness that the worked examples of the standard prescribe: gives the octets it was made with, then stops the
// test.
#pragma once

#include <algorithm>

#include "libs/base/check.h"
#include "libs/base/random.h"
#include "libs/emrtd/access/octets_for_tests.h"

namespace gatehouse::emrtd::access {

class ScriptedRandom : public base::Random {
 public:
  explicit ScriptedRandom(std::string_view digits) : octets_(FromHex(digits)) {}

  void Fill(uint8_t* data, size_t size) override {
    GH_CHECK(size <= octets_.size() - used_);
    std::copy_n(octets_.begin() + static_cast<std::ptrdiff_t>(used_), size, data);
    used_ += size;
  }

 private:
  const Octets octets_;
  size_t used_ = 0;
};

}  // namespace gatehouse::emrtd::access
