// RAND_set_rand_method is deprecated in OpenSSL 3.0 but is the one way to seed the default library context as a whole;
// the provider way (TEST-RAND) reaches neither the padding nor the blinding code.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tools/specimen/seeded_random.h"

#include <openssl/rand.h>

#include "libs/base/check.h"

namespace gatehouse::specimen {
namespace {

SeededRandom* crypto_random = nullptr;
const RAND_METHOD* system_method = nullptr;

int FillBytes(unsigned char* data, int size) {
  crypto_random->Fill(data, static_cast<size_t>(size));
  return 1;
}

int Ready() { return 1; }

const RAND_METHOD kSeededMethod = {nullptr, FillBytes, nullptr, nullptr, FillBytes, Ready};

}  // namespace

SeededRandom::SeededRandom(uint64_t seed, std::string_view stream, uint64_t index) : state_(14695981039346656037u) {
  for (const char c : stream) state_ = (state_ ^ static_cast<uint8_t>(c)) * 1099511628211u;  // FNV-1a
  state_ ^= seed * 0x9E3779B97F4A7C15u;
  state_ = Next() ^ (index * 0xD1B54A32D192ED03u);
  Next();
}

uint64_t SeededRandom::Next() {
  std::lock_guard lock(mutex_);
  uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

void SeededRandom::Fill(uint8_t* data, size_t size) {
  for (size_t i = 0; i < size; i += 8) {
    const uint64_t word = Next();
    for (size_t j = i; j < size && j < i + 8; ++j) data[j] = static_cast<uint8_t>(word >> (8 * (j - i)));
  }
}

uint64_t SeededRandom::Below(uint64_t bound) {
  GH_CHECK(bound > 0);
  return Next() % bound;  // the bias of 2^-50 does not show in a specimen
}

int64_t SeededRandom::Between(int64_t low, int64_t high) {
  GH_CHECK(low <= high);
  return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1));
}

double SeededRandom::Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

std::string SeededRandom::Text(std::string_view alphabet, size_t length) {
  std::string text;
  while (text.size() < length) text.push_back(Pick(alphabet));
  return text;
}

SeededCrypto::SeededCrypto(uint64_t seed) {
  GH_CHECK(crypto_random == nullptr);
  crypto_random = new SeededRandom(seed, "libcrypto");
  system_method = RAND_get_rand_method();
  GH_CHECK(RAND_set_rand_method(&kSeededMethod) == 1);
}

SeededCrypto::~SeededCrypto() {
  GH_CHECK(RAND_set_rand_method(system_method) == 1);
  delete crypto_random;
  crypto_random = nullptr;
}

}  // namespace gatehouse::specimen
