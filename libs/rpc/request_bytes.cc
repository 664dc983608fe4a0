#include "libs/rpc/request_bytes.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>
#include <openssl/evp.h>

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/handle.h"

namespace gatehouse::rpc {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::io::CodedInputStream;
using ::google::protobuf::io::CodedOutputStream;
using Wire = ::google::protobuf::internal::WireFormatLite;

// Of messages in messages; protobuf's own parser has the same.
constexpr int kMaxNesting = 100;
// gRPC's writer hands out blocks of at most this.
constexpr int kWriteBlockBytes = 64 * 1024;

// Counts the fields of a message without making it. Bytes that are no message end the walk: the parser says so.
class FieldCounter {
 public:
  explicit FieldCounter(CodedInputStream& stream) : stream_(stream) {}

  bool IsOver() const { return fields_ > kMaxRequestFields; }

  // False when the walk is at its end: too many, too deep or malformed. `type` is null inside what this release does
  // not know; `group` is the field whose end tag closes the message, 0 for none.
  bool Walk(const Descriptor* type, uint32_t group, int depth) {
    if (depth > kMaxNesting) return false;
    while (const uint32_t tag = stream_.ReadTag()) {
      if (Wire::GetTagWireType(tag) == Wire::WIRETYPE_END_GROUP) return Wire::GetTagFieldNumber(tag) == int(group);
      if (++fields_ > kMaxRequestFields) return false;
      if (!WalkField(type, tag, depth)) return false;
    }
    return group == 0 && stream_.ConsumedEntireMessage();
  }

 private:
  bool WalkField(const Descriptor* type, uint32_t tag, int depth) {
    const int number = Wire::GetTagFieldNumber(tag);
    const FieldDescriptor* field = type == nullptr ? nullptr : type->FindFieldByNumber(number);
    const Descriptor* inner = field == nullptr ? nullptr : field->message_type();
    switch (Wire::GetTagWireType(tag)) {
      case Wire::WIRETYPE_START_GROUP:
        return Walk(inner, static_cast<uint32_t>(number), depth + 1);
      case Wire::WIRETYPE_LENGTH_DELIMITED: {
        uint32_t bytes = 0;
        if (!stream_.ReadVarint32(&bytes) || bytes > static_cast<uint32_t>(INT32_MAX)) return false;
        if (inner == nullptr) return stream_.Skip(static_cast<int>(bytes));
        const CodedInputStream::Limit limit = stream_.PushLimit(static_cast<int>(bytes));
        const bool walked = Walk(inner, 0, depth + 1);
        stream_.PopLimit(limit);
        return walked;
      }
      default:
        return Wire::SkipField(&stream_, tag);
    }
  }

  CodedInputStream& stream_;
  size_t fields_ = 0;
};

std::string DigestOf(const std::vector<grpc::Slice>& slices) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  GH_CHECK(context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1);
  for (const grpc::Slice& slice : slices) {
    GH_CHECK(EVP_DigestUpdate(context.get(), slice.begin(), slice.size()) == 1);
  }
  std::string digest(EVP_MD_size(EVP_sha256()), '\0');
  GH_CHECK(EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1);
  return digest;
}

bool HasTooManyFields(grpc::ByteBuffer bytes, const Descriptor* type) {
  // A field has a byte at least.
  if (bytes.Length() <= kMaxRequestFields) return false;
  grpc::ProtoBufferReader reader(&bytes);
  CodedInputStream stream(&reader);
  FieldCounter counter(stream);
  counter.Walk(type, 0, 0);
  return counter.IsOver();
}

}  // namespace

absl::Status ParseRequest(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  if (HasTooManyFields(bytes, message.GetDescriptor())) {
    return WithReason(InvalidField("request", absl::StrCat("more than ", kMaxRequestFields, " fields")),
                      "TOO_MANY_FIELDS");
  }
  grpc::ByteBuffer read = bytes;  // shares the slices
  grpc::ProtoBufferReader reader(&read);
  if (message.ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  return WithReason(InvalidField("request", "is no message of this method's type"), "MALFORMED_REQUEST");
}

absl::Status WriteResponse(const google::protobuf::Message& message, grpc::ByteBuffer& bytes) {
  const size_t size = message.ByteSizeLong();
  if (size > static_cast<size_t>(INT32_MAX)) return absl::InternalError("an answer over 2 GiB");
  grpc::ProtoBufferWriter writer(&bytes, kWriteBlockBytes, static_cast<int>(size));
  if (message.SerializeToZeroCopyStream(&writer)) return absl::OkStatus();
  return absl::InternalError("the answer cannot be written");
}

std::string DigestOf(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  GH_CHECK(bytes.Dump(&slices).ok());
  return DigestOf(slices);
}

std::string DigestOf(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream out(&bytes);
    CodedOutputStream coded(&out);
    coded.SetSerializationDeterministic(true);
    GH_CHECK(message.SerializeToCodedStream(&coded));
  }
  return DigestOf({grpc::Slice(bytes)});
}

}  // namespace gatehouse::rpc
