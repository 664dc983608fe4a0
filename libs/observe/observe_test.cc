#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "libs/observe/log.h"
#include "libs/observe/metrics.h"

namespace gatehouse::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

class LogTest : public ::testing::Test {
 protected:
  void SetUp() override { ConfigureLog("post-test", Level::kInfo); }
};

// On the old code the test hangs here, as the process did.
TEST_F(LogTest, AReaderThatHangsDoesNotHangWhoLogs) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int kept = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  for (int i = 0; i < 2000; ++i) LogInfo("nobody reads this", {{"text", std::string(200, 'x')}});
  std::string text(size_t{1} << 20, '\0');
  text.resize(static_cast<size_t>(read(ends[0], text.data(), text.size())));
  LogInfo("somebody reads again");
  dup2(kept, STDERR_FILENO);
  for (const int fd : {ends[1], kept}) close(fd);
  EXPECT_LT(Lines(text).size(), 2000u);
  text.resize(4096);
  text.resize(static_cast<size_t>(read(ends[0], text.data(), text.size())));
  close(ends[0]);
  EXPECT_THAT(text, HasSubstr("somebody reads again"));
  EXPECT_GT(nlohmann::json::parse(Lines(text).back()).value("lines_dropped_before", 0), 0);
}

TEST_F(LogTest, WritesOneJsonObjectALine) {
  ::testing::internal::CaptureStderr();
  LogInfo("list imported", {{"base", "UN"}, {"rows", 7}, {"bytes", int64_t{1} << 60}});
  const std::string text = ::testing::internal::GetCapturedStderr();
  ASSERT_EQ(Lines(text).size(), 1u);
  const auto line = nlohmann::json::parse(text);
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["process"], "post-test");
  EXPECT_EQ(line["message"], "list imported");
  EXPECT_EQ(line["fields"]["base"], "UN");
  EXPECT_EQ(line["fields"]["rows"], 7);
  EXPECT_EQ(line["fields"]["bytes"], int64_t{1} << 60);
  EXPECT_THAT(line["time"].get<std::string>(), ::testing::MatchesRegex("....-..-..T..:..:..\\.......Z"));
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
  ConfigureLog("post-test", Level::kWarning);
  ::testing::internal::CaptureStderr();
  LogInfo("no");
  LogWarning("yes");
  LogError("yes too");
  EXPECT_EQ(Lines(::testing::internal::GetCapturedStderr()).size(), 2u);
}

TEST_F(LogTest, StaysOneBoundedValidLineWhateverIsSaid) {
  const std::string hostile = "line\nbreak \"quote\" \xff\xfe" + std::string(100'000, '\x01');
  ::testing::internal::CaptureStderr();
  LogError(hostile, {{"a", hostile}, {"b", hostile}, {"c", hostile}, {"d", hostile}, {hostile, hostile}});
  LogError("long", {{"a", std::string(5000, 'x')}});
  const std::vector<std::string> lines = Lines(::testing::internal::GetCapturedStderr());
  ASSERT_EQ(lines.size(), 2u);
  for (const std::string& line : lines) {
    EXPECT_LT(line.size(), kMaxLogLineBytes);
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
  // One long field keeps its beginning.
  EXPECT_THAT(lines[1], HasSubstr("xxxx..."));
}

TEST_F(LogTest, LinesOfThreadsDoNotMix) {
  ::testing::internal::CaptureStderr();
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 200; ++i) LogInfo("busy", {{"thread", t}, {"text", std::string(200, 'x')}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<std::string> lines = Lines(::testing::internal::GetCapturedStderr());
  EXPECT_EQ(lines.size(), 1600u);
  for (const std::string& line : lines) ASSERT_TRUE(nlohmann::json::accept(line)) << line;
}

TEST(MetricsTest, TheSameNameAndLabelsAreTheSameInstrument) {
  auto metrics = Metrics::Make();
  Counter& admitted = metrics->GetCounter("gatehouse_test_calls_total", "Calls.", {{"code", "OK"}});
  admitted.Increment();
  metrics->GetCounter("gatehouse_test_calls_total", "Calls.", {{"code", "OK"}}).Increment(2);
  metrics->GetCounter("gatehouse_test_calls_total", "Calls.", {{"code", "NOT_FOUND"}}).Increment();
  metrics->GetGauge("gatehouse_test_base_age_seconds", "Age.", {}).Set(12);
  const std::string text = metrics->Text();
  EXPECT_THAT(text, HasSubstr("# TYPE gatehouse_test_calls_total counter"));
  EXPECT_THAT(text, HasSubstr("gatehouse_test_calls_total{code=\"OK\"} 3"));
  EXPECT_THAT(text, HasSubstr("gatehouse_test_calls_total{code=\"NOT_FOUND\"} 1"));
  EXPECT_THAT(text, HasSubstr("gatehouse_test_base_age_seconds 12"));
}

TEST(MetricsTest, HistogramsReachFromMicrosecondsToTenSeconds) {
  auto metrics = Metrics::Make();
  Histogram& latency = metrics->GetHistogram("gatehouse_test_call_seconds", "Time.", {{"method", "Verify"}});
  latency.Observe(40e-6);
  latency.Observe(0.7);
  latency.Observe(60);
  const std::string text = metrics->Text();
  EXPECT_THAT(text, HasSubstr("gatehouse_test_call_seconds_bucket{method=\"Verify\",le=\"5e-05\"} 1"));
  EXPECT_THAT(text, HasSubstr("gatehouse_test_call_seconds_bucket{method=\"Verify\",le=\"0.5\"} 1"));
  EXPECT_THAT(text, HasSubstr("gatehouse_test_call_seconds_bucket{method=\"Verify\",le=\"1\"} 2"));
  EXPECT_THAT(text, HasSubstr("gatehouse_test_call_seconds_bucket{method=\"Verify\",le=\"+Inf\"} 3"));
}

std::string HttpGet(int port, const std::string& path) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(static_cast<uint16_t>(port))};
  ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  std::string answer;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    if (::write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
      char buffer[4096];
      for (ssize_t got; (got = ::read(fd, buffer, sizeof buffer)) > 0;) answer.append(buffer, static_cast<size_t>(got));
    }
  }
  ::close(fd);
  return answer;
}

TEST(MetricsTest, ServesTheTextOverHttp) {
  auto metrics = Metrics::Make();
  metrics->GetCounter("gatehouse_test_served_total", "Served.", {}).Increment(5);
  EXPECT_EQ(metrics->served_port(), 0);
  ASSERT_TRUE(metrics->Serve("127.0.0.1:0").ok());
  EXPECT_THAT(HttpGet(metrics->served_port(), "/metrics"), HasSubstr("gatehouse_test_served_total 5"));
  EXPECT_THAT(HttpGet(metrics->served_port(), "/"), Not(HasSubstr("gatehouse_test_served_total")));
  EXPECT_EQ(metrics->Serve("127.0.0.1:0").code(), absl::StatusCode::kFailedPrecondition);
}

TEST(MetricsTest, SaysWhenTheAddressCannotBeHad) {
  auto first = Metrics::Make();
  ASSERT_TRUE(first->Serve("127.0.0.1:0").ok());
  auto second = Metrics::Make();
  const absl::Status status = second->Serve("127.0.0.1:" + std::to_string(first->served_port()));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_EQ(second->served_port(), 0);
}

}  // namespace
}  // namespace gatehouse::observe
