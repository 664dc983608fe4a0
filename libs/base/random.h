// Randomness is given, like time (clock.h). Keys, nonces and identifiers come from SystemRandom(); a seeded twin for
// tests and specimens is in libs/testing and tools/specimen.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gatehouse::base {

// Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  // Fills `size` bytes. Cannot fail: a system without randomness is a bug of the machine, and the process stops.
  virtual void Fill(uint8_t* data, size_t size) = 0;
};

// The kernel's generator; never deleted.
Random& SystemRandom();

}  // namespace gatehouse::base
