// A request as its bytes: bounded before it becomes objects, and known again by its digest. Private to libs/rpc.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace google::protobuf {
class Message;
}
namespace grpc {
class ByteBuffer;
}

namespace gatehouse::rpc {

// Fills `message`, which is empty. INVALID_ARGUMENT, with reason TOO_MANY_FIELDS when the bytes hold more than
// kMaxRequestFields over all nesting levels (known, unknown and repeated ones alike; told before a single object is
// made), or MALFORMED_REQUEST when they are no message of that type.
absl::Status ParseRequest(const grpc::ByteBuffer& bytes, google::protobuf::Message& message);

// INTERNAL when it cannot be written, which is a string that is not UTF-8 or an answer over 2 GiB.
absl::Status WriteResponse(const google::protobuf::Message& message, grpc::ByteBuffer& bytes);

// SHA-256, 32 bytes.
std::string DigestOf(const grpc::ByteBuffer& bytes);
// Of the bytes that the message makes, the same ones whenever it is equal.
std::string DigestOf(const google::protobuf::Message& message);

}  // namespace gatehouse::rpc
