// Request and response of one call on one arena, for methods whose messages have hundreds of parts: making, filling and
// freeing them one by one costs more than what they say. The service sets it once for a method, in its constructor:
//
//   SetMessageAllocatorFor_Verify(&verify_messages_);  // rpc::ArenaMessages<VerifyRequest, VerifyResponse>
//
// Lives as long as its service. Thread-safe. Both messages live until the reactor finishes, as those of gRPC do.
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/support/message_allocator.h>

#include <cstddef>

namespace gatehouse::rpc {

template <typename Request, typename Response>
class ArenaMessages final : public grpc::MessageAllocator<Request, Response> {
 public:
  // Freed by Release().
  grpc::MessageHolder<Request, Response>* AllocateMessages() override { return new Holder; }

 private:
  // Most answers fit in a few; the arena's own first blocks are of 256 bytes.
  static constexpr size_t kStartBlockBytes = 8 * 1024;
  static constexpr size_t kMaxBlockBytes = 64 * 1024;

  class Holder final : public grpc::MessageHolder<Request, Response> {
   public:
    Holder() : arena_(Options()) {
      this->set_request(google::protobuf::Arena::CreateMessage<Request>(&arena_));
      this->set_response(google::protobuf::Arena::CreateMessage<Response>(&arena_));
    }
    void Release() override { delete this; }

   private:
    static google::protobuf::ArenaOptions Options() {
      google::protobuf::ArenaOptions options;
      options.start_block_size = kStartBlockBytes;
      options.max_block_size = kMaxBlockBytes;
      return options;
    }
    google::protobuf::Arena arena_;
  };
};

}  // namespace gatehouse::rpc
