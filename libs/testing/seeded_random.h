// Repeatable randomness: the same seed, the same bytes, on every machine. Never for keys that protect anything.
#pragma once

#include <cstdint>
#include <mutex>
#include <random>

#include "libs/base/random.h"

namespace gatehouse::testing {

class SeededRandom : public base::Random {
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}

  void Fill(uint8_t* data, size_t size) override {
    std::lock_guard lock(mutex_);
    for (size_t i = 0; i < size; ++i) data[i] = static_cast<uint8_t>(engine_() >> 56);
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;  // its sequence is fixed by the C++ standard
};

}  // namespace gatehouse::testing
