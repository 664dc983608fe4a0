// The bar of a change of the trust store that the service makes: asked for on the side while the call is under way.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "tools/gatehouse/trust_client.h"

namespace gatehouse::cli {

// From its making until its end, and only where a bar can be drawn. A service that does not answer is not asked again.
class TrustProgressWatch {
 public:
  TrustProgressWatch(Context& context, TrustStub& stub);
  ~TrustProgressWatch();
  TrustProgressWatch(const TrustProgressWatch&) = delete;
  TrustProgressWatch& operator=(const TrustProgressWatch&) = delete;

 private:
  void Watch();

  Context& context_;
  TrustStub& stub_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace gatehouse::cli
