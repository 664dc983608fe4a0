#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_replace.h"
#include "libs/rpc/test_certificates.h"
#include "libs/runtime/config.h"
#include "libs/runtime/run.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"

namespace gatehouse::runtime {
namespace {

using ::gatehouse::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    std::ofstream(folder_.File("matrix.textproto")) << R"(identities { identity: "a" roles: "r" }
                                                          grants { method: "/p.S/*" roles: "r" })";
    tls_ = authority_.Issue("gatehouse-test");
  }

  std::string Good() {
    return absl::StrReplaceAll(R"(name: "gatehouse-test"
server {
  listen: "localhost:0"
  tls { certificate_file: "CERT" key_file: "KEY" ca_file: "CA" }
}
data_dir: "FOLDER/data"
authorization_file: "FOLDER/matrix.textproto"
seal_key_file: "FOLDER/seal.key"
)",
                               {{"CERT", tls_.certificate_file},
                                {"KEY", tls_.key_file},
                                {"CA", tls_.ca_file},
                                {"FOLDER", folder_.path().string()}});
  }

  absl::StatusOr<v1::Config> Read(const std::string& text) {
    std::ofstream(File()) << text;
    return ReadConfig(File());
  }

  // The exit code of `gatehouse-test --config FILE --check-config`.
  int CheckConfigFlag(const std::string& text) {
    std::ofstream(File()) << text;
    std::vector<std::string> words = {"gatehouse-test", "--config", File(), "--check-config"};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    return runtime::Run(static_cast<int>(argv.size()), argv.data(), {});
  }

  std::string File() { return folder_.File("gatehouse.textproto"); }

  testing::TemporaryFolder folder_;
  rpc::TestAuthority authority_;
  rpc::TlsFiles tls_;
};

#define EXPECT_REFUSED(text, reason) EXPECT_THAT(Read(text), StatusIs(absl::StatusCode::kInvalidArgument, reason))

TEST_F(ConfigTest, AGoodOneIsRead) {
  ASSERT_OK_AND_ASSIGN(const v1::Config config, Read(Good()));
  EXPECT_EQ(config.name(), "gatehouse-test");
  EXPECT_OK(CheckConfig(config, {}));
}

TEST_F(ConfigTest, AnUnknownFieldIsRefusedWithFileAndLine) {
  EXPECT_REFUSED(Good() + "colour: \"blue\"\n", AllOf(HasSubstr(File() + ":9:"), HasSubstr("colour")));
}

TEST_F(ConfigTest, ASyntaxErrorIsRefusedWithFileAndLine) {
  EXPECT_REFUSED("name: \"a\"\nserver {\n  listen \"x\"\n}\n", HasSubstr(File() + ":3:"));
}

TEST_F(ConfigTest, AnAbsentFileIsSaid) {
  EXPECT_THAT(ReadConfig("/nowhere/gatehouse.textproto"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/nowhere/gatehouse.textproto")));
}

TEST_F(ConfigTest, WhatIsMissingIsNamed) {
  EXPECT_REFUSED("", HasSubstr("name is missing"));
  for (const std::string field : {"data_dir", "authorization_file", "seal_key_file", "name"}) {
    EXPECT_REFUSED(absl::StrReplaceAll(Good(), {{field + ": ", "# "}}), HasSubstr(field + " is missing"));
  }
}

TEST_F(ConfigTest, WrongValuesAreNamedWithTheirLine) {
  EXPECT_REFUSED(absl::StrReplaceAll(Good(), {{"localhost:0", "localhost"}}),
                 AllOf(HasSubstr(":3:"), HasSubstr("server.listen must be host:port")));
  EXPECT_REFUSED(absl::StrReplaceAll(Good(), {{"localhost:0", "localhost:70000"}}), HasSubstr("server.listen"));
  EXPECT_REFUSED(absl::StrReplaceAll(Good(), {{tls_.key_file, "/nowhere/a.key"}}),
                 AllOf(HasSubstr(":4:"), HasSubstr("/nowhere/a.key"), HasSubstr("gatehouse pki init")));
  EXPECT_REFUSED(Good() + "threads_per_module: 100000\n", AllOf(HasSubstr(":9:"), HasSubstr("threads_per_module")));
  EXPECT_REFUSED(Good() + "inspection { deadline_ms: -1 }\n", HasSubstr("inspection.deadline_ms"));
  EXPECT_REFUSED(Good() + "kafka { brokers: \"a:9092,b\" }\n", HasSubstr("kafka.brokers"));
}

TEST_F(ConfigTest, StoresAndPeersAreCheckedOneByOne) {
  const std::string document = "peers { service: \"document\" address: \"localhost:1\" }\n";
  EXPECT_REFUSED(Good() + document + document, AllOf(HasSubstr(":10:"), HasSubstr("peers[1].service is given twice")));
  EXPECT_REFUSED(Good() + "peers { service: \"document\" address: \"nowhere\" }\n", HasSubstr("peers[0].address"));
  EXPECT_REFUSED(Good() + "stores { service: \"document\" dsn: \"mysql:x\" }\n", HasSubstr("stores[0].dsn"));
}

TEST_F(ConfigTest, StoresAreInTheDataFolderUnlessTheySayWhere) {
  v1::Config config;
  config.set_data_dir("/var/lib/gatehouse");
  EXPECT_EQ(StoreDsn(config, "document"), "sqlite:/var/lib/gatehouse/document.db");
  v1::ModuleStore& store = *config.add_stores();
  store.set_service("document");
  store.set_dsn("sqlite:other.db");
  EXPECT_EQ(StoreDsn(config, "document"), "sqlite:/var/lib/gatehouse/other.db");
  store.set_dsn("sqlite:/elsewhere/other.db");
  EXPECT_EQ(StoreDsn(config, "document"), "sqlite:/elsewhere/other.db");
  store.set_dsn("postgresql://db/gatehouse");
  EXPECT_EQ(StoreDsn(config, "document"), "postgresql://db/gatehouse");
}

TEST_F(ConfigTest, CheckConfigSaysByItsExitCode) {
  EXPECT_EQ(CheckConfigFlag(Good()), 0);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "data")) << "checking changes nothing";
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(CheckConfigFlag(Good() + "colour: 1\n"), 2);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), AllOf(HasSubstr("gatehouse-test: "), HasSubstr("colour")));
}

TEST_F(ConfigTest, AFolderIsNoConfiguration) {
  EXPECT_THAT(ReadConfig(folder_.path().string()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is a folder, a file is wanted")));
}

// What would fail every handshake, or call others by a wrong name, is said before the start.
TEST_F(ConfigTest, CheckConfigReadsWhatTheCertificatesSay) {
  const auto checked = [this](const rpc::TlsFiles& tls, const std::string& more = "") -> absl::Status {
    const absl::StatusOr<v1::Config> config =
        Read(absl::StrReplaceAll(Good(), {{tls_.certificate_file, tls.certificate_file},
                                          {tls_.key_file, tls.key_file},
                                          {tls_.ca_file, tls.ca_file}}) +
             more);
    return config.ok() ? CheckConfig(*config, {}) : config.status();
  };
  const auto refused = [](const std::string& reason) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(reason));
  };
  EXPECT_OK(checked(tls_));
  rpc::TlsFiles no_authority = tls_;
  no_authority.ca_file = tls_.certificate_file;
  EXPECT_THAT(checked(no_authority), refused("basicConstraints"));
  EXPECT_THAT(checked(authority_.Issue("other")), refused("must name gatehouse:gatehouse-test"));
  std::ofstream(folder_.File("matrix.textproto"), std::ios::app) << R"(
      identities { identity: "officer-1" roles: "r" person: true })";
  EXPECT_THAT(checked(authority_.Issue("officer-1")), refused("officer-1, a person"));
  const rpc::TlsFiles nameless = authority_.IssueNamed("nameless", "DNS:localhost");
  EXPECT_OK(checked(nameless));
  EXPECT_THAT(checked(nameless, "peers { service: \"document\" address: \"localhost:1\" }\n"), refused("names nobody"));
}

TEST_F(ConfigTest, CheckConfigLooksForTheFolderOfAStore) {
  const auto checked = [this](const std::string& dsn) -> absl::Status {
    const ModuleEntry entry{.name = "document"};
    const absl::StatusOr<v1::Config> config = Read(Good() + "stores { service: \"document\" dsn: \"" + dsn + "\" }\n");
    return config.ok() ? CheckConfig(*config, {entry}) : config.status();
  };
  EXPECT_OK(checked("sqlite:document.db"));
  EXPECT_OK(checked("sqlite:" + folder_.File("document.db")));
  EXPECT_THAT(checked("sqlite:" + folder_.File("absent/document.db")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("absent of document does not exist")));
}

TEST_F(ConfigTest, CheckConfigReadsTheFilesThatAreNamed) {
  std::ofstream(folder_.File("matrix.textproto")) << "identities { identity: \"a\" rolls: \"r\" }";
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(CheckConfigFlag(Good()), 2);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), AllOf(HasSubstr("matrix.textproto"), HasSubstr("rolls")));
  std::ofstream(tls_.key_file) << "no key";
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(CheckConfigFlag(Good()), 2);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr(tls_.key_file));
}

}  // namespace
}  // namespace gatehouse::runtime
