// What a folder has had and has no longer is refused by name at a start, and made anew only when a person says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "libs/runtime/config.h"
#include "libs/runtime/testing.h"
#include "libs/runtime/toy_module.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/test_store.h"

namespace gatehouse::runtime {
namespace {

namespace fs = std::filesystem;
using ::gatehouse::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kMatrix[] = R"(
    identities { identity: "officer-1" roles: "officer" person: true }
    identities { identity: "caller" roles: "module" may_act_for: true }
    grants { method: "/gatehouse.test.Caller/Ask" roles: "officer" }
    grants { method: "/gatehouse.test.Called/Answer" roles: "module" })";

const std::vector<ModuleEntry>& Modules() {
  static const auto& kModules = *new std::vector<ModuleEntry>{kCalledToy, kCallerToy};
  return kModules;
}

void AddStore(v1::Config& config, const std::string& service, const std::string& dsn, const std::string& id = "") {
  v1::ModuleStore& store = *config.add_stores();
  store.set_service(service);
  store.set_dsn(dsn);
  store.set_store_id(id);
}

// A process that has served on a folder with its key apart, and is stopped.
class LostData : public ::testing::Test {
 protected:
  void SetUp() override {
    auto process = TestProcess::Start(Modules(), {.matrix = kMatrix, .edit = [this](v1::Config& config) {
                                                    config.set_data_dir(data_);
                                                    config.set_seal_key_file(keys_.File("seal.key"));
                                                    if (edit_) edit_(config);
                                                    config_ = config;
                                                  }});
    ASSERT_OK(process);
    process_ = *std::move(process);
    Stop();
  }
  void Stop() { ASSERT_TRUE(process_->process().Drain()); }
  absl::Status Start() { return process_->Restart(); }
  void Lose(const std::string& name) {
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove_all(data_ + "/" + name + suffix);
  }
  static auto Refused(const std::string& name, const std::string& part) {
    return StatusIs(absl::StatusCode::kFailedPrecondition,
                    AllOf(HasSubstr(name), HasSubstr("Restore it"), HasSubstr("--begin-anew " + part)));
  }

  testing::TemporaryFolder folder_;
  testing::TemporaryFolder keys_;
  const std::string data_ = folder_.File("data");
  std::function<void(v1::Config&)> edit_;
  v1::Config config_;
  std::unique_ptr<TestProcess> process_;
};

TEST_F(LostData, ADatabaseThatIsGoneIsRefusedByNameUntilAPersonSaysSo) {
  Lose("called.db");
  EXPECT_THAT(Start(), Refused("store of called", "called"));
  EXPECT_FALSE(fs::exists(data_ + "/called.db")) << "nothing was made anew";
  EXPECT_THAT(Start(), Refused("store of called", "called")) << "asking again changes nothing";
  EXPECT_THAT(MigrateStores(config_, Modules()), Refused("store of called", "called"));
  EXPECT_THAT(BeginAnew(config_, "visa"), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("visa")));
  ASSERT_OK(BeginAnew(config_, "called"));
  ASSERT_OK(Start());
  Stop();
  Lose("called.db");
  EXPECT_THAT(Start(), Refused("store of called", "called")) << "it was said once, for once";
}

TEST_F(LostData, WhatIsThereDoesNotBeginAnew) {
  Lose("caller.db");
  EXPECT_THAT(Start(), Refused("store of caller", "caller"));
  EXPECT_THAT(BeginAnew(config_, "called"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("nothing is lost")));
  EXPECT_THAT(BeginAnew(config_, "audit"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("move the folder away")));
  // A damaged audit log: moved away whole, then begun anew.
  fs::rename(data_ + "/audit", data_ + "/audit-damaged");
  ASSERT_OK(BeginAnew(config_, "caller"));
  ASSERT_OK(BeginAnew(config_, "audit"));
  EXPECT_OK(Start());
}

TEST_F(LostData, ADatabaseThatComesBackIsTaken) {
  fs::rename(data_ + "/called.db", data_ + "/kept");
  EXPECT_THAT(Start(), Refused("store of called", "called"));
  fs::rename(data_ + "/kept", data_ + "/called.db");
  EXPECT_OK(Start());
}

TEST_F(LostData, AnotherOrAnEmptyDatabaseInItsPlaceIsRefusedAndStaysAsItIs) {
  fs::copy_file(data_ + "/caller.db", data_ + "/called.db", fs::copy_options::overwrite_existing);
  EXPECT_THAT(Start(), Refused("has id", "called"));
  Lose("called.db");
  std::ofstream(data_ + "/called.db").close();
  EXPECT_THAT(Start(), Refused("no id", "called"));
}

TEST_F(LostData, AnAuditFolderThatIsGoneIsRefusedByName) {
  Lose("audit");
  EXPECT_THAT(Start(), Refused("audit", "audit"));
  EXPECT_FALSE(fs::exists(data_ + "/audit"));
  ASSERT_OK(BeginAnew(config_, "audit"));
  EXPECT_OK(Start());
}

TEST_F(LostData, EverythingButTheManifestGoneIsRefused) {
  for (const char* name : {"called.db", "caller.db", "audit", "lock"}) Lose(name);
  EXPECT_THAT(Start(), Refused("audit", "audit"));
  ASSERT_OK(BeginAnew(config_, "audit"));
  EXPECT_THAT(Start(), Refused("store of called", "called"));
}

TEST_F(LostData, AFolderWithDataAndNoManifestIsRefused) {
  Lose("manifest");
  Lose("called.db");
  EXPECT_THAT(Start(), Refused("manifest", "folder"));
  ASSERT_OK(BeginAnew(config_, "folder"));
  EXPECT_OK(Start());
}

TEST_F(LostData, ADamagedManifestIsRefused) {
  std::ofstream(data_ + "/manifest") << "gatehouse data folder 1\nstore called\n";
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("damaged")));
}

TEST_F(LostData, AFolderThatIsNotMountedIsNotANewOne) {
  fs::rename(data_, folder_.File("elsewhere"));
  EXPECT_THAT(Start(), Refused("not mounted", "folder"));
  fs::remove_all(data_);
  fs::rename(folder_.File("elsewhere"), data_);
  EXPECT_OK(Start());
  Stop();
  fs::remove_all(data_);
  ASSERT_OK(BeginAnew(config_, "folder"));
  EXPECT_OK(Start());
}

TEST_F(LostData, AFirstStartThatWasCutShortGoesOn) {
  // As a crash between the manifest and the store leaves it.
  Lose("called.db");
  std::string text;
  std::ifstream in(data_ + "/manifest");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("store called")) line.replace(0, 5, "making");
    text += line + "\n";
  }
  std::ofstream(data_ + "/manifest") << text;
  EXPECT_OK(Start());
}

TEST_F(LostData, AMistypedServiceOfAStoreIsRefused) {
  edit_ = [](v1::Config& config) {
    AddStore(config, "caled", "sqlite:called.db");
    AddStore(config, "caller", "sqlite:caller.db");
  };
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("caled is no service")));
  EXPECT_THAT(CheckConfig(config_, Modules()), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("caled")));
  EXPECT_THAT(MigrateStores(config_, Modules()), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("caled")));
  edit_ = [](v1::Config& config) { AddStore(config, "caller", "sqlite:caller.db"); };
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("called")))
      << "a configuration that names stores has no default left";
}

TEST_F(LostData, AMistypedPathOfAStoreIsRefused) {
  edit_ = [](v1::Config& config) {
    AddStore(config, "called", "sqlite:caled.db");
    AddStore(config, "caller", "sqlite:caller.db");
  };
  EXPECT_THAT(Start(), Refused("caled.db", "called"));
  EXPECT_FALSE(fs::exists(data_ + "/caled.db"));
}

TEST_F(LostData, AStoreIdInTheConfigurationIsHeeded) {
  edit_ = [](v1::Config& config) {
    AddStore(config, "called", "sqlite:called.db", "0193d8a0-0000-7000-8000-000000000000");
    AddStore(config, "caller", "sqlite:caller.db");
  };
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("store_id 0193d8a0")));
}

TEST_F(LostData, AServerStoreIsKnownAgainByTheFolderAndBeginsInAFreshOne) {
  std::unique_ptr<testing::TestStore> first;
  std::unique_ptr<testing::TestStore> second;
  GH_REQUIRE_SERVER(first, testing::MakeTestStore(testing::StoreKind::kPostgresql));
  GH_REQUIRE_SERVER(second, testing::MakeTestStore(testing::StoreKind::kPostgresql));
  const auto on = [&](const std::string& data, testing::TestStore& store) {
    v1::Config config = config_;
    config.set_data_dir(folder_.File(data.c_str()));
    config.clear_stores();
    AddStore(config, "called", store.dsn());
    return config;
  };
  ASSERT_OK(MigrateStores(on("replica", *first), {kCalledToy}));
  EXPECT_OK(MigrateStores(on("fresh", *first), {kCalledToy})) << "a new replica of a store that has lived";
  EXPECT_THAT(MigrateStores(on("replica", *second), {kCalledToy}), Refused("no id", "called"));
  ASSERT_OK(MigrateStores(on("other", *second), {kCalledToy}));
  EXPECT_THAT(MigrateStores(on("replica", *second), {kCalledToy}), Refused("has id", "called"));
}

TEST_F(LostData, LinksAndOpenFoldersAndKeysAreRefused) {
  const std::string victim = folder_.File("victim");
  std::ofstream(victim) << "precious";
  fs::remove(data_ + "/lock");
  fs::create_symlink(victim, data_ + "/lock");
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("lock")));
  EXPECT_EQ(fs::file_size(victim), 8u);
  fs::remove(data_ + "/lock");

  chmod(data_.c_str(), 0777);
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("chmod go-w")));
  chmod(data_.c_str(), 0700);
  chmod(keys_.path().c_str(), 0777);
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("chmod go-w")));
  chmod(keys_.path().c_str(), 0700);

  edit_ = [](v1::Config& config) { chmod(config.server().tls().key_file().c_str(), 0644); };
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("chmod 600")));
  edit_ = [&](v1::Config& config) {
    config.mutable_server()->set_port_file(folder_.File("port"));
    fs::create_symlink(victim, folder_.File("port.new"));
  };
  EXPECT_OK(Start());
  EXPECT_EQ(fs::file_size(victim), 8u) << "the port went into a file of our own";
}

}  // namespace
}  // namespace gatehouse::runtime
