// The verbs that call no service, as a shell sees them: output, diagnostics and exit code are a contract.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/time/clock.h"
#include "libs/audit/audit.h"
#include "libs/rpc/errors.h"
#include "libs/testing/temporary_folder.h"
#include "tools/gatehouse/chip_folder.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/identity_json.h"
#include "tools/gatehouse/verbs.h"
#include "tools/gatehouse/verbs_for_tests.h"

namespace gatehouse::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Result = VerbResult;

class AuditVerbTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto log = audit::Open({.folder = dir_, .process = "post"});
    ASSERT_TRUE(log.ok()) << log.status();
    for (const char* call : {"1", "2", "3"}) ASSERT_TRUE((*log)->Append({.call_id = call}).ok());
  }
  testing::TemporaryFolder folder_;
  std::string dir_ = folder_.File("audit");
};

TEST_F(AuditVerbTest, AChainThatHoldsExitsZero) {
  const Result result = Gatehouse({"audit", "verify", "--dir", dir_, "--json"});
  EXPECT_EQ(result.exit_code, kDone);
  EXPECT_THAT(result.err, IsEmpty());
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["holds"], true);
  EXPECT_EQ(json["segments"], 1);
  EXPECT_EQ(json["leaves"], 3);
  EXPECT_EQ(json["intents_without_outcome"], 3);
  EXPECT_THAT(json["problems"], IsEmpty());

  const std::string head = json["head"];
  EXPECT_EQ(Gatehouse({"audit", "verify", "--dir", dir_, "--head", head}).exit_code, kDone);
  EXPECT_EQ(Gatehouse({"audit", "verify", "--dir", dir_, "--head", std::string(64, '0')}).exit_code, kCheckSaysNo);
  EXPECT_THAT(Gatehouse({"audit", "verify", "--dir", dir_}).out, HasSubstr("the chain holds: 1 segments, 3 leaves"));
}

TEST_F(AuditVerbTest, AChainThatDoesNotExitsOneAndSaysWhere) {
  std::filesystem::resize_file(dir_ + "/00000001.seg", std::filesystem::file_size(dir_ + "/00000001.seg") - 1);
  const Result result = Gatehouse({"audit", "verify", "--dir", dir_, "--json"});
  EXPECT_EQ(result.exit_code, kCheckSaysNo);
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["holds"], false);
  EXPECT_THAT(json["problems"].at(0).get<std::string>(), HasSubstr("segment 1"));
  EXPECT_THAT(Gatehouse({"audit", "verify", "--dir", dir_}).out, HasSubstr("the chain does not hold"));
}

TEST_F(AuditVerbTest, ASearchFindsTheDocumentAndSaysWhenItIsNotWhole) {
  {
    auto log = audit::Open({.folder = dir_, .process = "post"});
    ASSERT_TRUE(log.ok());
    ASSERT_TRUE((*log)
                    ->Append({.kind = audit::Kind::kIntent,
                              .time = absl::Now(),
                              .call_id = "4",
                              .officer = "officer-1",
                              .verb = "/Verify",
                              .documents = {{.number = "L898902C3", .issuer = "UTO"}}})
                    .ok());
  }
  const std::vector<std::string> question = {"audit", "search", "--dir", dir_, "--document", "UTO:L898902C3"};
  const Result table = Gatehouse(question);
  EXPECT_EQ(table.exit_code, kDone) << table.err;
  EXPECT_THAT(table.out, HasSubstr("officer-1"));
  EXPECT_THAT(table.out, HasSubstr("1 found in 4 leaves"));
  const Result other = Gatehouse({"audit", "search", "--dir", dir_, "--document", "UTO:L898902C4", "--json"});
  EXPECT_EQ(other.exit_code, kDone);
  EXPECT_THAT(nlohmann::json::parse(other.out)["found"], IsEmpty());
  const Result officer = Gatehouse({"audit", "search", "--dir", dir_, "--officer", "officer-1", "--json"});
  EXPECT_EQ(nlohmann::json::parse(officer.out)["found"].size(), 1u);
  for (const auto& key : std::filesystem::directory_iterator(dir_ + "-keys")) std::filesystem::remove(key.path());
  const Result lost = Gatehouse(question);
  EXPECT_EQ(lost.exit_code, kCheckSaysNo);
  EXPECT_THAT(lost.out, HasSubstr("look-up keys are not there"));
  std::filesystem::resize_file(dir_ + "/00000001.seg", std::filesystem::file_size(dir_ + "/00000001.seg") - 60);
  for (const std::string& folder : {dir_, folder_.path().string()}) {
    const Result cut = Gatehouse({"audit", "search", "--dir", folder, "--person", "nobody"});
    EXPECT_EQ(cut.exit_code, kCheckSaysNo) << folder;
    EXPECT_THAT(cut.out, HasSubstr("not searched: " + folder));
  }
  EXPECT_EQ(Gatehouse({"audit", "search", "--dir", dir_}).exit_code, kBadUsage);
  EXPECT_EQ(Gatehouse({"audit", "search", "--dir", dir_, "--document", "L898902C3"}).exit_code, kBadUsage);
}

TEST_F(AuditVerbTest, BadUsageExitsTwoWithNothingOnStandardOutput) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"audit", "verify", "--dir", folder_.File("absent")},
                                             {"audit", "verify"},
                                             {"audit", "verify", "--dir", dir_, "--head", "zz"},
                                             {"audit", "verify", "--dir", dir_, "--no-such-flag"},
                                             {"audit", "repair"},
                                             {"audit"}}) {
    const Result result = Gatehouse(arguments);
    EXPECT_EQ(result.exit_code, kBadUsage) << ::testing::PrintToString(arguments);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, ::testing::Not(IsEmpty()));
  }
}

std::vector<nlohmann::json> Lines(const std::string& out) {
  std::vector<nlohmann::json> lines;
  std::istringstream in(out);
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

class DocumentVerbTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(document_);
    std::ofstream(document_ + "/EF.SOD.bin") << "not a security object";
  }
  Result Verify(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"document", "verify", "--local", "--json"});
    return Gatehouse(arguments);
  }
  testing::TemporaryFolder folder_;
  std::string document_ = folder_.File("document");
};

TEST_F(DocumentVerbTest, EveryFolderHasItsLineInItsPlace) {
  const std::string absent = folder_.File("absent");
  const Result result = Verify({document_, absent, document_});
  EXPECT_EQ(result.exit_code, kBadUsage);
  const auto lines = Lines(result.out);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["overall"], "invalid");
  EXPECT_EQ(lines[1]["input"], absent);
  EXPECT_EQ(lines[1]["overall"], "undetermined");
  EXPECT_THAT(lines[1]["error"].get<std::string>(), HasSubstr("no such folder"));
  EXPECT_EQ(lines[2]["overall"], "invalid");
  EXPECT_EQ(Verify({document_}).exit_code, kCheckSaysNo);
}

TEST_F(DocumentVerbTest, FilesOfAChipAreKnownByTheNamesThatOthersGiveThem) {
  const auto folder_with = [&](const std::vector<std::string>& names) {
    const testing::TemporaryFolder folder;
    for (const std::string& name : names) std::ofstream(folder.File(name)) << name;
    const auto input = ReadChipFolder(folder.path().string());
    std::vector<std::string> found;
    if (!input.ok()) found.push_back(std::string(input.status().message()));
    if (input.ok()) {
      for (const document::v1::ChipFile& file : input->chip_files()) found.push_back(file.name());
    }
    return found;
  };
  EXPECT_THAT(folder_with({"EF_COM.bin", "Datagroup1.bin", "DG14.dat", "ef.sod.BIN", "cardaccess.bin", "EF.ATR.bin",
                           "DG14_pk.bin", "DG15.pkcs8", "DG17.bin", "DG0.bin", "photo.bin"}),
              ::testing::UnorderedElementsAre("EF.COM", "EF.DG1", "EF.DG14", "EF.SOD", "EF.CardAccess", "EF.ATR"));
  EXPECT_THAT(folder_with({"EF.SOD.bin", "SOD.bin"}), ElementsAre(HasSubstr("SOD.bin: EF.SOD too, as EF.SOD.bin")));
}

TEST_F(DocumentVerbTest, TheTimeOfCheckingIsAMomentOrADay) {
  for (const char* at : {"2026-06-15", "2026-06-15T00:00:00Z", "2026-06-15T02:00:00+02:00"}) {
    const auto lines = Lines(Verify({"--at", at, document_}).out);
    ASSERT_EQ(lines.size(), 1u) << at;
    EXPECT_EQ(lines[0]["check_time"], "2026-06-15T00:00:00Z") << at;
  }
}

TEST_F(DocumentVerbTest, BadUsageExitsTwoWithNothingOnStandardOutput) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"--at", "yesterday", document_},
                                             {"--at", "2026-13-01", document_},
                                             {"--at", "2026-06-15T00:00:00", document_},  // no zone: whose midnight?
                                             {"--trust", folder_.File("absent"), document_},
                                             {"--no-such-flag", document_}}) {
    const Result result = Verify(arguments);
    EXPECT_EQ(result.exit_code, kBadUsage) << ::testing::PrintToString(arguments);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, ::testing::Not(IsEmpty()));
  }
}

TEST_F(DocumentVerbTest, ParseMrzAnswersEveryRecordInItsPlace) {
  const std::string zone =
      "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\r\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\r\n";
  const std::string file = folder_.File("zones.txt");
  std::ofstream(file, std::ios::binary) << "\xEF\xBB\xBF" << zone << "\r\n \n\n"
                                        << "no zone\n\n"
                                        << zone;
  const Result result = Gatehouse({"document", "parse-mrz", "--json", file});
  EXPECT_EQ(result.exit_code, kCheckSaysNo);
  const auto lines = Lines(result.out);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["valid"], true);
  EXPECT_EQ(lines[0]["format"], "td3");
  EXPECT_EQ(lines[1]["valid"], false);
  EXPECT_EQ(lines[1]["format"], "unknown");
  EXPECT_EQ(lines[1]["check_digits"]["number"], "absent");
  EXPECT_EQ(lines[1]["defects"], nlohmann::json({"unknown_format"}));
  EXPECT_EQ(lines[2], lines[0]);
}

TEST(ShowVerbTest, SaysWhatTheFilesOfAChipHold) {
  const testing::TemporaryFolder dir;
  const std::string details = "\x6B\x0D\x5C\x02\x5F\x0E\x5F\x0E\x06" + std::string("A<<B<C");
  std::ofstream(dir.File("EF.DG11.bin"), std::ios::binary) << details;
  std::ofstream(dir.File("EF.DG12.bin"), std::ios::binary) << details;
  std::ofstream(dir.File("expected.json")) << "{}";
  const Result result = Gatehouse({"document", "show", "--json", dir.path().string()});
  EXPECT_EQ(result.exit_code, kCheckSaysNo);
  const auto lines = Lines(result.out);
  ASSERT_EQ(lines.size(), 2u);  // what is no file of a chip is passed over
  EXPECT_EQ(lines[0]["file"], "DG11");
  EXPECT_EQ(lines[0]["content"], "understood");
  EXPECT_EQ(lines[0]["fields"][0]["name"], "full_name");
  EXPECT_EQ(lines[0]["fields"][0]["value"], "A<<B<C");
  EXPECT_EQ(lines[0]["fields"][0]["personal"], true);
  EXPECT_EQ(lines[1]["file"], "DG12");
  EXPECT_EQ(lines[1]["content"], "malformed");
  EXPECT_EQ(Gatehouse({"document", "show", "/there/is/nothing"}).exit_code, kBadUsage);
}

TEST_F(DocumentVerbTest, ParseMrzOffersARepairAndJudgesWhatWasRead) {
  const std::string file = folder_.File("zones.txt");
  std::ofstream(file, std::ios::binary)
      << "P<UTOER1KSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO74O8122F1204159ZE184226B<<<<<10\n";
  const Result result = Gatehouse({"document", "parse-mrz", "--json", file});
  EXPECT_EQ(result.exit_code, kCheckSaysNo);
  const auto lines = Lines(result.out);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["valid"], false);
  EXPECT_EQ(lines[0]["lines"][1], "L898902C36UTO74O8122F1204159ZE184226B<<<<<10");
  EXPECT_EQ(lines[0]["repair"]["swaps"], nlohmann::json::parse(R"([{"line":1,"position":8,"from":"1","to":"I"},
                                      {"line":2,"position":16,"from":"O","to":"0"}])"));
  EXPECT_EQ(lines[0]["repair"]["fields"]["primary_identifier"], "ERIKSSON");
}

TEST_F(DocumentVerbTest, WriteMrzTakesFlagsOrWhatParseMrzGave) {
  const Result flags = Gatehouse({"document",   "write-mrz",
                                  "--json",     "--format",
                                  "td3",        "--document-code",
                                  "P",          "--issuing-state",
                                  "UTO",        "--document-number",
                                  "L898902C3",  "--nationality",
                                  "UTO",        "--birth-date",
                                  "1974-08-12", "--sex",
                                  "F",          "--expiry-date",
                                  "2012-04-15", "--primary-identifier",
                                  "Eriksson",   "--secondary-identifier",
                                  "Anna Maria", "--optional-data-1",
                                  "ZE184226B"});
  EXPECT_EQ(flags.exit_code, kDone) << flags.err;
  const auto written = Lines(flags.out);
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0]["lines"][1], "L898902C36UTO7408122F1204159ZE184226B<<<<<10");

  const std::string zone = folder_.File("zone.txt");
  std::ofstream(zone) << written[0]["mrz"].get<std::string>() << "\n";
  const std::string fields = folder_.File("fields.jsonl");
  std::ofstream(fields) << Gatehouse({"document", "parse-mrz", "--json", zone}).out << "{\"format\":\"td3\"}\n"
                        << "no JSON\n{\"format\":\"td9\"}\n";
  const Result lines = Gatehouse({"document", "write-mrz", "--json", fields});
  EXPECT_EQ(lines.exit_code, kBadUsage);
  const auto again = Lines(lines.out);
  ASSERT_EQ(again.size(), 4u);
  EXPECT_EQ(again[0], written[0]);
  EXPECT_THAT(again[1]["error"].get<std::string>(), HasSubstr("primary_identifier: "));
  EXPECT_THAT(again[2]["error"].get<std::string>(), HasSubstr("record: "));
  EXPECT_THAT(again[3]["error"].get<std::string>(), HasSubstr("format: one of td1, td2"));
}

// Whoever made an empty list made a mistake: it is not as good as a list that was worked through.
TEST_F(DocumentVerbTest, NothingToDoIsNoSuccess) {
  const std::string empty = folder_.File("empty.txt");
  std::ofstream(empty) << "\r\n \n";
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"document", "parse-mrz", empty},
                                             {"document", "write-mrz", empty},
                                             {"watchlist", "screen", "--local", folder_.File("x"), "--batch", empty}}) {
    const Result result = Gatehouse(arguments);
    EXPECT_EQ(result.exit_code, kBadUsage) << ::testing::PrintToString(arguments);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, HasSubstr("nothing to do: " + empty + " holds no "));
  }
}

TEST_F(DocumentVerbTest, ABatchMayHaveLinesOfAnotherSystem) {
  const std::string folder = folder_.File("document");
  std::filesystem::create_directory(folder);
  std::ofstream(folder + "/mrz.txt") << "no zone";
  const auto verify = [](const std::string& input) {
    std::istringstream lines(input);
    std::streambuf* kept = std::cin.rdbuf(lines.rdbuf());
    const Result result = Gatehouse({"document", "verify", "--local", "--batch", "--json"});
    std::cin.rdbuf(kept);
    std::cin.clear();
    return result;
  };
  const Result result = verify(folder + "\r\n\r\n");
  EXPECT_EQ(result.exit_code, kCheckSaysNo) << result.err;
  ASSERT_EQ(Lines(result.out).size(), 1u);
  EXPECT_EQ(Lines(result.out)[0]["input"], folder);
  const Result nothing = verify("\r\n");
  EXPECT_EQ(nothing.exit_code, kBadUsage);
  EXPECT_THAT(nothing.err, HasSubstr("nothing to do: standard input holds no folder"));
}

TEST_F(DocumentVerbTest, AZoneInAnotherEncodingIsNamed) {
  const std::string folder = folder_.File("document");
  std::filesystem::create_directory(folder);
  std::ofstream(folder + "/mrz.txt") << "P<UTOM\xDCLLER<<ANNA";
  const Result result = Gatehouse({"document", "verify", "--local", folder});
  EXPECT_EQ(result.exit_code, kBadUsage);
  EXPECT_THAT(result.err, HasSubstr(folder + "/mrz.txt: is not UTF-8 text"));
}

// The list that revokes may be the one that cannot be read.
TEST_F(DocumentVerbTest, ABrokenRevocationListIsNoAbsentOne) {
  const std::string file = folder_.File("issuer.crl");
  std::ofstream(file) << "no list";
  const Result named = Verify({"--crl", file, document_});
  EXPECT_EQ(named.exit_code, kBadUsage);
  EXPECT_THAT(named.out, IsEmpty());
  EXPECT_THAT(named.err, HasSubstr("--crl " + file + ": "));

  const std::string folder = folder_.File("trust");
  std::filesystem::create_directory(folder);
  std::filesystem::rename(file, folder + "/ISSUER.CRL");
  std::ofstream(folder + "/readme.txt") << "no trust material";
  const Result found = Verify({"--trust", folder, document_});
  EXPECT_EQ(found.exit_code, kCheckSaysNo);
  EXPECT_THAT(found.err, HasSubstr(folder + "/ISSUER.CRL: "));
  EXPECT_THAT(found.err, ::testing::Not(HasSubstr("readme.txt")));
}

TEST_F(DocumentVerbTest, TransliterateGoesBothWays) {
  const auto forth = Lines(Gatehouse({"document", "transliterate", "--json", "--compare", "MULLER", "Müller"}).out);
  ASSERT_EQ(forth.size(), 1u);
  EXPECT_EQ(forth[0]["spellings"], nlohmann::json({"MUELLER", "MUXXLLER", "MULLER"}));
  EXPECT_EQ(forth[0]["may_be_spelled"], true);
  EXPECT_EQ(Gatehouse({"document", "transliterate", "--compare", "MILLER", "Müller"}).exit_code, kCheckSaysNo);
  EXPECT_EQ(Gatehouse({"document", "transliterate", "Louis 14"}).exit_code, kBadUsage);
  const Result back = Gatehouse({"document", "transliterate", "--back", "arabic", "MXHMD"});
  EXPECT_EQ(back.out, "محمد\n");
}

TEST(IdentityJsonTest, ABirthYearMayBeANumber) {
  const auto identity = IdentityFromJson({{"name", "ANNA"}, {"birth_date", 1971}});
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ(identity->birth_date().year(), 1971);
  EXPECT_EQ(identity->birth_date().month(), 0);
  EXPECT_FALSE(IdentityFromJson({{"name", "ANNA"}, {"birth_date", 71}}).ok());
  EXPECT_FALSE(IdentityFromJson({{"name", "ANNA"}, {"birth_date", 1971.5}}).ok());
}

TEST(ClientTest, AFieldViolationIsToldOnce) {
  const absl::Status status =
      CallStatus(Context(), rpc::ToGrpc(rpc::InvalidField("post", "is too long"), "inspection", "call-1"));
  EXPECT_EQ(ExitCodeOf(status), kBadUsage);
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr("post: is too long"));
  EXPECT_EQ(message.find("post:"), message.rfind("post:")) << message;
}

// Only what the way to the service says is followed by the question whether it runs.
TEST(ClientTest, AServiceThatAnsweredIsNotAskedWhetherItRuns) {
  const absl::Status answered =
      CallStatus(Context(), rpc::ToGrpc(absl::UnavailableError("the audit log refuses"), "inspection", "call-1"));
  EXPECT_EQ(ExitCodeOf(answered), kUnreachable);
  EXPECT_EQ(answered.message(), "the audit log refuses (call call-1)");
  const absl::Status silent = CallStatus(Context(), grpc::Status(grpc::StatusCode::UNAVAILABLE, "refused"));
  EXPECT_THAT(std::string(silent.message()), HasSubstr("is the service running"));
}

TEST(ClientTest, AnErrorWhoseTextStaysInsideHasItsWord) {
  const auto message = [](const absl::Status& status) {
    return std::string(CallStatus(Context(), rpc::ToGrpc(status, "inspection", "call-1")).message());
  };
  EXPECT_EQ(message(rpc::WithReason(absl::DataLossError("secret"), "ROW_DAMAGED")),
            "internal error (call call-1): ROW_DAMAGED");
  EXPECT_EQ(message(absl::InternalError("secret")), "internal error (call call-1)");
}

TEST(InspectVerbTest, AServiceThatIsDownExitsThreeWithALineForEveryInput) {
  const testing::TemporaryFolder folder;
  const std::string pki = folder.File("pki");
  ASSERT_EQ(Gatehouse({"pki", "init", "--dir", pki, "--identity", "officer-1"}).exit_code, kDone);
  std::filesystem::create_directory(folder.File("traveller"));
  std::ofstream(folder.File("traveller/mrz.txt")) << "no zone";
  const Result result =
      Gatehouse({"inspect", "--json", folder.File("absent"), folder.File("traveller"), folder.File("traveller")},
                {.pki_dir = pki});
  EXPECT_EQ(result.exit_code, kUnreachable);
  const auto lines = Lines(result.out);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0]["error"].get<std::string>(), HasSubstr("no such folder"));
  EXPECT_THAT(lines[1]["error"].get<std::string>(), HasSubstr("no answer from localhost:1"));
  EXPECT_EQ(lines[2], lines[1]);
}

TEST(PkiVerbTest, MakesThenKeeps) {
  const testing::TemporaryFolder folder;
  const std::string dir = folder.File("pki");
  const Result first =
      Gatehouse({"pki", "init", "--dir", dir, "--service", "inspection", "--identity", "officer-7", "--json"});
  EXPECT_EQ(first.exit_code, kDone) << first.err;
  std::istringstream lines(first.out);
  std::vector<std::string> made;
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json["state"], "made");
    EXPECT_TRUE(std::filesystem::exists(json["certificate_file"].get<std::string>()));
    made.push_back(json["identity"]);
  }
  EXPECT_THAT(made, ::testing::ElementsAre("ca", "inspection", "officer-7"));
  const Result again = Gatehouse({"pki", "init", "--dir", dir, "--identity", "officer-7"});
  EXPECT_EQ(again.exit_code, kDone);
  EXPECT_THAT(again.out, ::testing::Not(HasSubstr("made")));
}

TEST(PkiVerbTest, RefusesInsteadOfOverwriting) {
  const testing::TemporaryFolder folder;
  ASSERT_EQ(Gatehouse({"pki", "init", "--dir", folder.path().string(), "--identity", "officer-7"}).exit_code, kDone);
  std::filesystem::remove(folder.path() / "officer-7.key");
  const Result result = Gatehouse({"pki", "init", "--dir", folder.path().string(), "--identity", "officer-7"});
  EXPECT_EQ(result.exit_code, kCheckSaysNo);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, HasSubstr("nothing is overwritten"));
  EXPECT_EQ(Gatehouse({"pki", "init", "--dir", folder.path().string(), "--identity", "Bad/Name"}).exit_code, kBadUsage);
}

}  // namespace
}  // namespace gatehouse::cli
