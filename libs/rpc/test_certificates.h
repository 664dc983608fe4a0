// A certificate authority for tests and benchmarks, in a temporary folder that goes with it. P-256, valid one day.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "libs/rpc/channel.h"

namespace gatehouse::rpc {

class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  // Issues, and writes, a certificate of gatehouse:identity with CN = identity and the DNS names identity and
  // localhost. `valid_from_s` and `valid_to_s` count from now. A second one of the same identity replaces the files.
  TlsFiles Issue(const std::string& identity, long valid_from_s = -60, long valid_to_s = 86'400);

  // One with any other names; `alternative_names` as OpenSSL's configuration writes them, "URI:a,DNS:b", or empty.
  TlsFiles IssueNamed(const std::string& common_name, const std::string& alternative_names, long valid_from_s = -60,
                      long valid_to_s = 86'400);

  const std::filesystem::path& folder() const { return folder_; }

 private:
  struct Keys;
  const std::filesystem::path folder_;
  const std::unique_ptr<Keys> keys_;
};

}  // namespace gatehouse::rpc
