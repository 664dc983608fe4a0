// What a client can send that no call bounds, against a server with its guards: by gRPC's own client, and by hand.
#include <gmock/gmock.h>
#include <grpc/impl/codegen/compression_types.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <string>

#include "libs/rpc/rpc_fixture.h"

namespace gatehouse::rpc {
namespace {

using ::testing::HasSubstr;

// HTTP/2 over mTLS, frame by frame (RFC 9113 section 4.1).
class RawClient {
 public:
  RawClient(int port, const TlsFiles& tls) : context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free) {
    GH_CHECK(SSL_CTX_use_certificate_file(context_.get(), tls.certificate_file.c_str(), SSL_FILETYPE_PEM) == 1);
    GH_CHECK(SSL_CTX_use_PrivateKey_file(context_.get(), tls.key_file.c_str(), SSL_FILETYPE_PEM) == 1);
    signal(SIGPIPE, SIG_IGN);  // writing to a connection that was cut is an error, nothing else
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(port));
    GH_CHECK(connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    ssl_.reset(SSL_new(context_.get()));
    constexpr unsigned char kProtocols[] = "\x02h2";
    GH_CHECK(SSL_set_alpn_protos(ssl_.get(), kProtocols, sizeof kProtocols - 1) == 0);
    GH_CHECK(SSL_set_fd(ssl_.get(), fd_) == 1 && SSL_connect(ssl_.get()) == 1);
    Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    SendFrame(/*settings*/ 4, 0, 0, "");
  }
  ~RawClient() {
    ssl_.reset();
    close(fd_);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False when the server has ended it.
  bool Send(const std::string& bytes) {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
  }
  bool SendFrame(int type, int flags, int stream, const std::string& payload) {
    std::string frame;
    for (const int shift : {16, 8, 0}) frame.push_back(static_cast<char>(payload.size() >> shift));
    frame.push_back(static_cast<char>(type));
    frame.push_back(static_cast<char>(flags));
    for (const int shift : {24, 16, 8, 0}) frame.push_back(static_cast<char>(stream >> shift));
    return Send(frame + payload);
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  std::unique_ptr<SSL, Free> ssl_;
  int fd_ = -1;
};

// A header that is not indexed (RFC 7541 section 6.2.2), of 3,000 bytes.
std::string LargeHeader(int number) {
  constexpr int kBytes = 3000;
  std::string header(1, '\0');
  header.push_back(4);
  header += {'a', 'b', static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
  header.push_back(0x7f);
  for (int rest = kBytes - 0x7f; rest > 0; rest >>= 7) {
    header.push_back(static_cast<char>((rest & 0x7f) | (rest >= 0x80 ? 0x80 : 0)));
  }
  return header + std::string(kBytes, 'x');
}

class GuardedServerTest : public RpcTest {
 protected:
  void Start() {
    heard_ = &noted_;
    StartServer();
  }
  Heard noted_;
};

// The certificate has no right at all, and nobody asks: the headers never end.
TEST_F(GuardedServerTest, HeadersWithoutEndAreCutBeforeTheyFillTheMemory) {
  Start();
  const auto officer = StubAs("officer-anna");
  ASSERT_TRUE(CallWith(*officer).ok());
  RawClient flood(server_->port(), authority_.Issue("cleaner"));
  constexpr int kNoFlags = 0;
  ASSERT_TRUE(flood.SendFrame(/*headers*/ 1, kNoFlags, 1, LargeHeader(0)));
  constexpr int64_t kEnough = int64_t{1024} * 1024 * 1024;
  int64_t sent = 0;
  int number = 0;
  while (sent < kEnough) {
    std::string many;
    for (int i = 0; i < 4; ++i) many += LargeHeader(++number % 100);
    if (!flood.SendFrame(/*continuation*/ 9, kNoFlags, 1, many)) break;
    sent += static_cast<int64_t>(many.size());
  }
  EXPECT_LT(sent, kEnough);
  EXPECT_EQ(server_->connections().cut, 1);
  EXPECT_TRUE(CallWith(*officer).ok()) << "the others are served";
}

TEST_F(GuardedServerTest, AMessageIsNotUnpacked) {
  Start();
  const auto stub = StubAs("officer-anna");
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  ListEventsRequest request;
  request.set_service(std::string(32 * 1024 * 1024, 'a'));
  ListEventsResponse response;
  const grpc::Status status = stub->ListEvents(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(status.error_message(), HasSubstr("gzip"));
}

}  // namespace
}  // namespace gatehouse::rpc
