#include "tools/gatehouse/pki_init.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

#include "libs/authz/authz.h"
#include "libs/testing/fake_clock.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"

namespace gatehouse::cli {
namespace {

using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;

std::string Read(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::map<std::string, std::string> ReadAll(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files[entry.path().filename().string()] = Read(entry.path().string());
  }
  return files;
}

class PkiInitTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<PkiEntry>> Make(std::vector<std::string> services, std::vector<std::string> clients) {
    return MakeDevelopmentPki(dir_, {.services = std::move(services), .clients = std::move(clients), .clock = &clock_});
  }
  std::shared_ptr<X509> Certificate(const std::string& identity) const {
    const std::string pem = Read(dir_ + "/" + identity + ".crt");
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    std::shared_ptr<X509> certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr), X509_free);
    BIO_free(bio);
    EXPECT_NE(certificate, nullptr) << identity;
    return certificate;
  }
  // As a peer would: the chain, the purpose and the time.
  bool Verifies(const std::string& identity, int purpose, absl::Time time) const {
    const auto ca = Certificate("ca");
    const auto leaf = Certificate(identity);
    X509_STORE* store = X509_STORE_new();
    X509_STORE_add_cert(store, ca.get());
    X509_STORE_CTX* context = X509_STORE_CTX_new();
    X509_STORE_CTX_init(context, store, leaf.get(), nullptr);
    X509_STORE_CTX_set_purpose(context, purpose);
    X509_STORE_CTX_set_time(context, 0, absl::ToTimeT(time));
    const bool verified = X509_verify_cert(context) == 1;
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return verified;
  }

  testing::TemporaryFolder folder_;
  std::string dir_ = folder_.File("pki");
  testing::FakeClock clock_;
};

TEST_F(PkiInitTest, MakesAnAuthorityAndItsCertificates) {
  ASSERT_OK_AND_ASSIGN(const auto entries, Make({"inspection"}, {"officer-1"}));
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].identity, "ca");
  for (const PkiEntry& entry : entries) EXPECT_TRUE(entry.made);
  EXPECT_GT(entries[0].not_after, clock_.Now() + absl::Hours(24 * 365 * 9.9));
  EXPECT_TRUE(Verifies("inspection", X509_PURPOSE_SSL_SERVER, clock_.Now()));
  EXPECT_TRUE(Verifies("inspection", X509_PURPOSE_SSL_CLIENT, clock_.Now()));
  EXPECT_TRUE(Verifies("officer-1", X509_PURPOSE_SSL_CLIENT, clock_.Now()));
  EXPECT_FALSE(Verifies("officer-1", X509_PURPOSE_SSL_SERVER, clock_.Now())) << "an officer never serves";
  EXPECT_FALSE(Verifies("officer-1", X509_PURPOSE_SSL_CLIENT, clock_.Now() + absl::Hours(24 * 830)));
}

TEST_F(PkiInitTest, TheIdentityIsCommonNameAndDnsName) {
  ASSERT_THAT(
      MakeDevelopmentPki(dir_, {.services = {"inspection"}, .clients = {"officer-1"}, .hosts = {"post.example"}}),
      IsOk());
  const auto service = Certificate("inspection");
  const auto officer = Certificate("officer-1");
  char name[64] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(officer.get()), NID_commonName, name, sizeof name);
  EXPECT_STREQ(name, "officer-1");
  EXPECT_EQ(X509_check_host(officer.get(), "officer-1", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(officer.get(), "localhost", 0, 0, nullptr), 0);
  for (const char* host : {"inspection", "localhost", "post.example"}) {
    EXPECT_EQ(X509_check_host(service.get(), host, 0, 0, nullptr), 1) << host;
  }
  for (const char* address : {"127.0.0.1", "::1"}) {
    EXPECT_EQ(X509_check_ip_asc(service.get(), address, 0), 1) << address;
  }
}

TEST_F(PkiInitTest, KeysAreForTheirOwnerOnly) {
  ASSERT_THAT(Make({"inspection"}, {"officer-1"}), IsOk());
  int keys = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir_)) {
    if (entry.path().extension() != ".key") continue;
    struct stat info;
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u) << entry.path();
    ++keys;
  }
  EXPECT_EQ(keys, 3);
}

TEST_F(PkiInitTest, AgainItKeepsEverythingAndAddsWhatIsMissing) {
  ASSERT_THAT(Make({"inspection"}, {"officer-1"}), IsOk());
  const auto before = ReadAll(dir_);
  ASSERT_OK_AND_ASSIGN(const auto entries, Make({"inspection"}, {"officer-1", "officer-2"}));
  std::map<std::string, bool> made;
  for (const PkiEntry& entry : entries) made[entry.identity] = entry.made;
  EXPECT_EQ(made, (std::map<std::string, bool>{
                      {"ca", false}, {"inspection", false}, {"officer-1", false}, {"officer-2", true}}));
  auto after = ReadAll(dir_);
  EXPECT_EQ(after.erase("officer-2.crt") + after.erase("officer-2.key"), 2u);
  EXPECT_EQ(after, before);
  EXPECT_TRUE(Verifies("officer-2", X509_PURPOSE_SSL_CLIENT, clock_.Now()));
}

TEST_F(PkiInitTest, RefusesWhatDoesNotFitTogetherAndTouchesNothing) {
  ASSERT_THAT(Make({}, {"officer-1"}), IsOk());
  const auto whole = ReadAll(dir_);
  const auto refuses = [&](const std::string& reason) {
    const auto before = ReadAll(dir_);
    EXPECT_THAT(Make({}, {"officer-1", "officer-2"}),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(reason)));
    EXPECT_EQ(ReadAll(dir_), before) << reason;
  };
  const auto restore = [&] {
    for (const auto& [name, text] : whole) std::ofstream(dir_ + "/" + name) << text;
  };
  std::filesystem::remove(dir_ + "/ca.key");
  refuses("ca.crt is there without");
  restore();
  std::filesystem::remove(dir_ + "/officer-1.crt");
  refuses("officer-1.key is there without");
  restore();
  std::ofstream(dir_ + "/officer-1.crt") << whole.at("ca.crt");
  refuses("is not the key of");
  restore();
  std::ofstream(dir_ + "/officer-1.key") << "no key";
  refuses("is no PEM private key");
  restore();
  // A folder whose authority was made anew.
  std::filesystem::remove(dir_ + "/ca.key");
  std::filesystem::remove(dir_ + "/ca.crt");
  refuses("officer-1.crt is not of the CA in this folder");
}

TEST_F(PkiInitTest, RefusesNamesThatAreNone) {
  for (const char* bad : {"", "ca", "../x", "a/b", "A", "a b", "a,DNS:b", "-a", ".a"}) {
    EXPECT_THAT(Make({}, {bad}), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
  }
  EXPECT_THAT(Make({}, {std::string(64, 'a')}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(MakeDevelopmentPki(dir_, {.services = {"a"}, .hosts = {"a,IP:1.2.3.4"}}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_FALSE(std::filesystem::exists(dir_));
}

TEST(DevelopmentIdentitiesTest, AreThoseOfTheMatrix) {
  const std::string text = Read("deploy/authorization/matrix.textproto");
  ASSERT_OK_AND_ASSIGN(const auto matrix, authz::Matrix::Parse(text));
  size_t count = 0;
  for (const auto& identities : {DevelopmentServices(), DevelopmentClients()}) {
    for (const std::string& identity : identities) {
      EXPECT_THAT(matrix->Find(identity), IsOk()) << identity;
      ++count;
    }
  }
  size_t in_matrix = 0;
  for (size_t at = 0; (at = text.find("\nidentities {", at)) != std::string::npos; ++at) ++in_matrix;
  EXPECT_EQ(count, in_matrix) << "a certificate for each identity";
}

}  // namespace
}  // namespace gatehouse::cli
