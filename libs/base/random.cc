#include "libs/base/random.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "libs/base/check.h"

namespace gatehouse::base {
namespace {

class KernelRandom final : public Random {
 public:
  void Fill(uint8_t* data, size_t size) override {
    size_t done = 0;
    while (done < size) {
      // 256 bytes a call is what the kernel promises never to interrupt.
      const ssize_t got = getrandom(data + done, std::min<size_t>(size - done, 256), 0);
      if (got < 0) {
        GH_CHECK(errno == EINTR);
        continue;
      }
      done += static_cast<size_t>(got);
    }
  }
};

}  // namespace

Random& SystemRandom() {
  static KernelRandom random;
  return random;
}

}  // namespace gatehouse::base
