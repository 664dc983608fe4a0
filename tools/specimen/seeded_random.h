// The randomness of a synthetic State. Every made thing draws from its own named stream, so that a seed gives the same
// traveller 7 whether 10 or 2,000 are made, and a new kind of thing moves no other. The generator is SplitMix64, ours
// and not the standard library's, whose distributions differ between implementations.
// Specimens only: whoever knows the seed knows every key made from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "libs/base/random.h"

namespace gatehouse::specimen {

class SeededRandom final : public base::Random {
 public:
  SeededRandom(uint64_t seed, std::string_view stream, uint64_t index = 0);

  void Fill(uint8_t* data, size_t size) override;
  // 0 .. bound-1; bound > 0.
  uint64_t Below(uint64_t bound);
  // low .. high, both included.
  int64_t Between(int64_t low, int64_t high);
  double Unit();  // 0 <= value < 1
  bool Chance(double probability) { return Unit() < probability; }
  // `length` characters of `alphabet`.
  std::string Text(std::string_view alphabet, size_t length);

  template <typename Container>
  const auto& Pick(const Container& container) {
    return container[Below(std::size(container))];
  }

 private:
  uint64_t Next();

  std::mutex mutex_;
  uint64_t state_;
};

// While one lives, libcrypto draws its randomness (keys, nonces, salts) from the seed, so that two runs give the same
// certificates and signatures byte for byte. At most one at a time, and only where a single thread uses libcrypto.
class SeededCrypto {
 public:
  explicit SeededCrypto(uint64_t seed);
  ~SeededCrypto();
  SeededCrypto(const SeededCrypto&) = delete;
  SeededCrypto& operator=(const SeededCrypto&) = delete;
};

}  // namespace gatehouse::specimen
