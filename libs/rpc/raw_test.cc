// Handle: bytes are judged before they become objects, and known again by their digest.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <openssl/sha.h>

#include <atomic>
#include <future>

#include "libs/rpc/request_bytes.h"
#include "libs/rpc/rpc_fixture.h"

namespace gatehouse::rpc {
namespace {

using ::testing::HasSubstr;

grpc::ByteBuffer BufferOf(const std::string& bytes, size_t slice_bytes = SIZE_MAX) {
  std::vector<grpc::Slice> slices;
  for (size_t at = 0; at < bytes.size(); at += slice_bytes) {
    slices.emplace_back(bytes.substr(at, slice_bytes));
    if (slice_bytes == SIZE_MAX) break;
  }
  return grpc::ByteBuffer(slices.data(), slices.size());
}

std::string Repeated(const std::string& bytes, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += bytes;
  return all;
}

std::string LengthDelimited(char tag, const std::string& bytes) {
  std::string field(1, tag);
  size_t rest = bytes.size();
  for (; rest >= 0x80; rest >>= 7) field += static_cast<char>(rest | 0x80);
  return field + static_cast<char>(rest) + bytes;
}

std::string ReasonFor(const std::string& bytes) {
  ListEventsResponse message;
  return Reason(ParseRequest(BufferOf(bytes), message));
}

// Entries is field 1 of ListEventsResponse, and event is field 2 of an entry.
const std::string kEmptyEntry("\x0a\x00", 2);
const std::string kEmptyEvent("\x12\x00", 2);

TEST(RequestBytes, AsManyFieldsAsMayBeAreParsed) {
  ListEventsResponse message;
  const absl::Status parsed = ParseRequest(BufferOf(Repeated(kEmptyEntry, kMaxRequestFields), 1000), message);
  ASSERT_TRUE(parsed.ok()) << parsed;
  EXPECT_EQ(message.entries_size(), static_cast<int>(kMaxRequestFields));
}

TEST(RequestBytes, MoreFieldsThanMayBeAreNotMade) {
  ListEventsResponse message;
  const absl::Status parsed = ParseRequest(BufferOf(Repeated(kEmptyEntry, kMaxRequestFields + 1), 1000), message);
  EXPECT_EQ(parsed.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Reason(parsed), "TOO_MANY_FIELDS");
  EXPECT_EQ(message.entries_size(), 0);
}

TEST(RequestBytes, FieldsOfAllLevelsAndKindsCount) {
  const std::string half = Repeated(kEmptyEvent, kMaxRequestFields / 2);
  EXPECT_EQ(ReasonFor(LengthDelimited('\x0a', half)), "") << "half as many and one";
  EXPECT_EQ(ReasonFor(LengthDelimited('\x0a', half) + LengthDelimited('\x0a', half)), "TOO_MANY_FIELDS")
      << "in two messages";
  EXPECT_EQ(ReasonFor(Repeated(std::string("\xf8\x07\x01", 3), kMaxRequestFields + 1)), "TOO_MANY_FIELDS")
      << "fields this release does not know";
  EXPECT_EQ(ReasonFor(Repeated(std::string("\xfb\x07\xfc\x07", 4), kMaxRequestFields + 1)), "TOO_MANY_FIELDS")
      << "groups";
  // Length is no count: one field may be long.
  EXPECT_EQ(ReasonFor(LengthDelimited('\x0a', LengthDelimited('\x0a', std::string(200'000, 's')))), "");
}

TEST(RequestBytes, WhatIsNoMessageIsSaidToBeNone) {
  for (const std::string& bytes :
       {std::string("\x0a\x05x", 3), std::string("\x0c", 1), std::string("\xff\xff\xff\xff\xff\xff\xff", 7),
        Repeated(std::string("\xfb\x07", 2), 60'000 / 2), std::string(60'000, '\x0c')}) {
    EXPECT_EQ(ReasonFor(bytes), "MALFORMED_REQUEST") << bytes.size();
  }
}

TEST(RequestBytes, TheDigestIsOfAllSlices) {
  const std::string bytes(3000, 'b');
  std::string expected(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(expected.data()));
  EXPECT_EQ(DigestOf(BufferOf(bytes)), expected);
  EXPECT_EQ(DigestOf(BufferOf(bytes, 7)), expected);
}

class RawService final : public EventService::WithRawCallbackMethod_ListEvents<EventService::Service> {
 public:
  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override {
    return Handle<ListEventsRequest, ListEventsResponse>(
        *host, context, method, request, response,
        [this](Call& call, const ListEventsRequest& parsed, ListEventsResponse& answer) {
          return body(call, parsed, answer);
        });
  }

  Host* host = nullptr;
  Method method{.name = kListEvents, .audit = NotAudited{"a toy"}};
  std::function<absl::Status(Call&, const ListEventsRequest&, ListEventsResponse&)> body;
};

class RawTest : public RpcTest {
 protected:
  RawTest() {
    raw_.body = [this](Call& call, const ListEventsRequest& request, ListEventsResponse& response) {
      ++runs_;
      digest_ = call.request_digest();
      response.add_entries()->set_service(request.service());
      return absl::OkStatus();
    };
  }
  ~RawTest() override { server_ = nullptr; }

  void Start() {
    MakeHost();
    raw_.host = host_.get();
    ListenFor(raw_);
  }

  // The bytes as they are, by a network client or by a module in this process.
  grpc::Status Send(const std::string& bytes, bool in_process = false) {
    grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(
        in_process ? server_->InProcess() : *Connect(address(), authority_.Issue("desk")));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    if (in_process) {
      context.AddMetadata(kLocalTokenKey, "the-token-of-this-start");
      context.AddMetadata(kLocalIdentityKey, "inspection");
    }
    const grpc::ByteBuffer request = BufferOf(bytes);
    grpc::ByteBuffer answer;
    std::promise<grpc::Status> done;
    stub.UnaryCall(&context, kListEvents, {}, &request, &answer,
                   [&done](const grpc::Status& status) { done.set_value(status); });
    const grpc::Status status = done.get_future().get();
    answer_.Clear();
    EXPECT_TRUE(!status.ok() || ParseRequest(answer, answer_).ok());
    return status;
  }

  RawService raw_;
  std::atomic<int> runs_{0};
  std::string digest_;
  ListEventsResponse answer_;
};

TEST_F(RawTest, TheBodyHasTheMessageAndTheDigestOfItsBytes) {
  Start();
  const std::string bytes = LengthDelimited('\x0a', "traveller") + std::string("\x18\x05", 2);
  ASSERT_TRUE(Send(bytes).ok());
  ASSERT_EQ(answer_.entries_size(), 1);
  EXPECT_EQ(answer_.entries(0).service(), "traveller");
  EXPECT_EQ(digest_, DigestOf(BufferOf(bytes)));
}

TEST_F(RawTest, ALargeRequestIsNotKeptBesideItsMessageAndItsDigestIs) {
  raw_.method.max_request_bytes = 3'000'000;
  Start();
  const std::string bytes = LengthDelimited('\x0a', std::string(2'000'000, 's'));
  ASSERT_TRUE(Send(bytes).ok());
  EXPECT_EQ(answer_.entries(0).service().size(), 2'000'000u);
  EXPECT_EQ(digest_, DigestOf(BufferOf(bytes)));
}

TEST_F(RawTest, TheDigestIsOfTheBytesAndNotOfWhatTheyMean) {
  Start();
  const std::string service = LengthDelimited('\x0a', "traveller");
  const std::string page("\x18\x05", 2);
  ASSERT_TRUE(Send(service + page).ok());
  const std::string first = digest_;
  ASSERT_TRUE(Send(page + service).ok());
  EXPECT_NE(digest_, first) << "the same message, written in another order";
  ASSERT_TRUE(Send(service + page + std::string("\xf8\x07\x01", 3)).ok());
  EXPECT_NE(digest_, first) << "a field of a later release";
  ASSERT_TRUE(Send(service + page, /*in_process=*/true).ok());
  EXPECT_EQ(digest_, first) << "in process it is the same";
}

TEST_F(RawTest, RequestsThatAreTooMuchReachNoBody) {
  raw_.method.max_request_bytes = 200'000;
  Start();
  const absl::Status many = FromGrpc(Send(Repeated(std::string("\x18\x05", 2), kMaxRequestFields + 1)));
  EXPECT_EQ(Reason(many), "TOO_MANY_FIELDS") << many;
  EXPECT_EQ(Reason(FromGrpc(Send("\x0a\x05x"))), "MALFORMED_REQUEST");
  const absl::Status large = FromGrpc(Send(LengthDelimited('\x0a', std::string(200'000, 's'))));
  EXPECT_EQ(Reason(large), "REQUEST_TOO_LARGE");
  EXPECT_THAT(std::string(large.message()), HasSubstr("at most 200000"));
  EXPECT_EQ(runs_, 0);
}

TEST_F(RawTest, AStatusOfTheBodyIsTheAnswer) {
  raw_.body = [](Call&, const ListEventsRequest&, ListEventsResponse&) { return absl::NotFoundError("none"); };
  Start();
  EXPECT_EQ(Send("").error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(answer_.entries_size(), 0);
}

}  // namespace
}  // namespace gatehouse::rpc
