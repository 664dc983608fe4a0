// The folder as an inspection system finds it: read back from disk, and every fault looked for where it should be.
#include "tools/specimen/country.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdio>  // jpeglib.h needs it first

#include <jpeglib.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/base/csv.h"
#include "libs/mrz/parse.h"
#include "tools/specimen/names.h"
#include "tools/specimen/travel_document.h"

namespace gatehouse::specimen {
namespace {

namespace fs = std::filesystem;

absl::Time At(int year, int month, int day) {
  return absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone());
}

std::string Read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

fs::path NewFolder(const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / absl::StrCat("specimen_", getpid(), "_", name);
  fs::remove_all(folder);
  return folder;
}

CountryOptions Small(uint64_t seed, std::vector<Plan> plans) {
  return {
      .seed = seed, .at = At(2026, 11, 24), .plans = std::move(plans), .listed_documents = 20, .listed_persons = 50};
}

std::map<std::string, std::string> ReadAll(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[fs::relative(entry.path(), folder).string()] = Read(entry.path());
  }
  return files;
}

std::string Sha(const char* algorithm, const std::string& bytes) {
  unsigned char value[EVP_MAX_MD_SIZE];
  size_t size = 0;
  EVP_Q_digest(nullptr, algorithm, nullptr, bytes.data(), bytes.size(), value, &size);
  return std::string(reinterpret_cast<char*>(value), size);
}

// The signed content of an EF.SOD whose signature libcrypto accepts under the certificate inside; "" for a bad one.
std::string VerifiedSod(const std::string& file) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(file.data());
  long length = 0;
  int tag = 0;
  int tag_class = 0;
  if (ASN1_get_object(&bytes, &length, &tag, &tag_class, static_cast<long>(file.size())) & 0x80) return "";
  const std::shared_ptr<CMS_ContentInfo> cms(d2i_CMS_ContentInfo(nullptr, &bytes, length), CMS_ContentInfo_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  if (CMS_verify(cms.get(), nullptr, nullptr, nullptr, out.get(), CMS_NO_SIGNER_CERT_VERIFY) != 1) return "";
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

bool HashIsIn(const std::string& security_object, const std::string& file) {
  return absl::StrContains(security_object, Sha("SHA256", file)) ||
         absl::StrContains(security_object, Sha("SHA384", file));
}

// Every fault once, made once for all tests.
class CountryTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new fs::path(NewFolder("all"));
    std::vector<Fault> faults;
    for (const FaultRow& row : FaultRows()) faults.push_back(row.fault);
    ASSERT_TRUE(MakeCountry(Small(11, PlanOf(faults)), *folder_).ok());
    for (const auto& row : nlohmann::json::parse(Read(*folder_ / "travellers.json"))) {
      rows_->emplace_back(row);
    }
  }
  static void TearDownTestSuite() {
    fs::remove_all(*folder_);
    delete folder_;
  }

  static fs::path FolderOf(std::string_view fault) {
    for (const auto& row : *rows_) {
      if (row["fault"] == fault) return *folder_ / row["folder"].get<std::string>();
    }
    return {};
  }
  static std::string ReadOf(std::string_view fault, const char* file) { return Read(FolderOf(fault) / file); }
  static mrz::ParsedMrz PrintedOf(std::string_view fault) { return mrz::Parse(ReadOf(fault, "mrz.txt")); }
  static mrz::ParsedMrz ChipOf(std::string_view fault) {
    return mrz::Parse(ReadOf(fault, "EF.DG1.bin").substr(5));  // 61 len 5F1F len
  }

  static inline fs::path* folder_ = nullptr;
  static inline std::vector<nlohmann::json>* rows_ = new std::vector<nlohmann::json>;
};

TEST_F(CountryTest, EverySignatureHoldsAndHashesAreAsExpected) {
  for (const auto& row : *rows_) {
    const fs::path folder = *folder_ / row["folder"].get<std::string>();
    const auto expected = nlohmann::json::parse(Read(folder / "expected.json"));
    if (row["fault"] == "no_chip") continue;
    const std::string content = VerifiedSod(Read(folder / "EF.SOD.bin"));
    ASSERT_FALSE(content.empty()) << row;
    for (const char* number : {"1", "2"}) {
      const bool identical = expected["expected"]["dg_hashes"][number] == "identical";
      EXPECT_EQ(HashIsIn(content, Read(folder / absl::StrCat("EF.DG", number, ".bin"))), identical) << row << number;
    }
  }
  EXPECT_EQ(rows_->size(), FaultRows().size() + 1);  // one more for the document that comes twice
}

TEST_F(CountryTest, ForgedZoneIsConsistentWithItself) {
  EXPECT_TRUE(PrintedOf("altered_dg1").valid());
  EXPECT_EQ(PrintedOf("altered_dg1").text(), ChipOf("altered_dg1").text());
}

TEST_F(CountryTest, WrongCheckDigitIsOnThePageOnly) {
  EXPECT_EQ(PrintedOf("wrong_check_digit").check_digits().birth_date, mrz::CheckState::kInvalid);
  EXPECT_EQ(PrintedOf("wrong_check_digit").check_digits().number, mrz::CheckState::kValid);
  EXPECT_TRUE(ChipOf("wrong_check_digit").valid());
}

TEST_F(CountryTest, PageOfAnotherPersonIsWellFormed) {
  EXPECT_TRUE(PrintedOf("printed_mrz_differs").valid());
  EXPECT_TRUE(ChipOf("printed_mrz_differs").valid());
  EXPECT_NE(PrintedOf("printed_mrz_differs").document_number(), ChipOf("printed_mrz_differs").document_number());
}

TEST_F(CountryTest, SmearedPageCannotBeRead) {
  EXPECT_FALSE(PrintedOf("unreadable_mrz").valid());
  EXPECT_TRUE(ChipOf("unreadable_mrz").valid());
}

TEST_F(CountryTest, ExpiredDocumentIsPastItsDate) {
  const std::string expiry(PrintedOf("expired_document").expiry_date());
  EXPECT_LT(expiry, "261124");
  EXPECT_GT(std::string(PrintedOf("none").expiry_date()), "261124");
}

TEST_F(CountryTest, SecondPresentationIsTheSameChip) {
  const auto expected = nlohmann::json::parse(ReadOf("same_chip_twice", "expected.json"));
  const fs::path first = *folder_ / absl::StrFormat("travellers/%02d", expected["repeats"].get<int>());
  for (const char* file : {"mrz.txt", "EF.COM.bin", "EF.SOD.bin", "EF.DG1.bin", "EF.DG2.bin"}) {
    EXPECT_EQ(ReadOf("same_chip_twice", file), Read(first / file)) << file;
  }
}

TEST_F(CountryTest, DocumentWithoutChipHasOnlyThePage) {
  EXPECT_TRUE(PrintedOf("no_chip").valid());
  for (const auto& entry : fs::directory_iterator(FolderOf("no_chip"))) EXPECT_NE(entry.path().extension(), ".bin");
}

TEST_F(CountryTest, OnlyTheStolenNumberIsOnTheDocumentList) {
  std::set<std::string> listed;
  const std::string csv = Read(*folder_ / "lists/stolen.csv");
  base::CsvReader reader(csv);
  ASSERT_TRUE(reader.Next());
  EXPECT_THAT(reader.fields(), ::testing::ElementsAre(::testing::StartsWith("# published: ")));
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.fields(),
            std::vector<std::string>({"number", "issuer", "type", "status", "reported_date", "record_id"}));
  while (reader.Next()) {
    ASSERT_TRUE(reader.status().ok());
    listed.insert(reader.fields()[0]);
  }
  EXPECT_EQ(listed.size(), 21u);
  for (const auto& row : *rows_) {
    const std::string fault = row["fault"];
    if (fault == "unreadable_mrz") continue;
    EXPECT_EQ(listed.contains(std::string(PrintedOf(fault).document_number())), fault == "stolen_number") << fault;
  }
}

TEST_F(CountryTest, ListedHolderIsOnThePersonsListWithTheBirthDate) {
  pugi::xml_document document;
  ASSERT_TRUE(document.load_file((*folder_ / "lists/persons.xml").c_str()));
  const pugi::xml_node individuals = document.child("CONSOLIDATED_LIST").child("INDIVIDUALS");
  std::set<std::string> listed;  // YYMMDD and the name as a document writes it
  int count = 0;
  for (const pugi::xml_node individual : individuals.children("INDIVIDUAL")) {
    ++count;
    const std::string date = individual.child("INDIVIDUAL_DATE_OF_BIRTH").child_value("DATE");
    if (date.size() != 10) continue;
    Holder holder;
    for (const char* name : {"FIRST_NAME", "SECOND_NAME", "THIRD_NAME"}) {
      const std::string part = individual.child_value(name);
      if (part.empty()) break;
      if (!holder.surname.empty())
        absl::StrAppend(&holder.given_names, holder.given_names.empty() ? "" : " ", holder.surname);
      holder.surname = part;
    }
    const std::string zone = absl::StrJoin(MrzLines({.number = "X", .holder = holder}), "");
    listed.insert(absl::StrReplaceAll(date.substr(2), {{"-", ""}}) + std::string(mrz::Parse(zone).name()));
  }
  EXPECT_EQ(count, 50);
  const mrz::ParsedMrz printed = PrintedOf("listed_name");
  EXPECT_TRUE(listed.contains(std::string(printed.birth_date()) + std::string(printed.name())));
}

uint32_t BigEndian32(std::string_view bytes) {
  uint32_t value = 0;
  for (const char c : bytes.substr(0, 4)) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

// ISO/IEC 19794-5:2005: header 14, facial information 20, two feature points of 8, image information 12, image.
TEST_F(CountryTest, FaceRecordCountsItsLengths) {
  const std::string dg2 = ReadOf("none", "EF.DG2.bin");
  const size_t at =
      dg2.find(std::string("FAC\0"
                           "010\0",
                           8));
  ASSERT_NE(at, std::string::npos);
  const std::string_view record = std::string_view(dg2).substr(at);
  EXPECT_EQ(BigEndian32(record.substr(8)), record.size());
  EXPECT_EQ(BigEndian32(record.substr(14)), record.size() - 14);
  EXPECT_EQ(record.substr(18, 2), std::string_view("\0\2", 2));
  EXPECT_EQ(record.substr(14 + 20 + 16 + 12, 3), "\xFF\xD8\xFF");
}

TEST_F(CountryTest, PortraitDecodes) {
  const std::string dg2 = ReadOf("none", "EF.DG2.bin");
  const size_t begin = dg2.find("\xFF\xD8\xFF");
  ASSERT_NE(begin, std::string::npos);
  EXPECT_GT(dg2.size(), 10000u);
  EXPECT_LT(dg2.size(), 25000u);
  jpeg_decompress_struct jpeg;
  jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(dg2.data()) + begin, dg2.size() - begin);
  ASSERT_EQ(jpeg_read_header(&jpeg, TRUE), JPEG_HEADER_OK);
  jpeg_start_decompress(&jpeg);
  EXPECT_EQ(jpeg.output_width, 320u);
  EXPECT_EQ(jpeg.output_height, 400u);
  std::vector<unsigned char> row(320 * 3);
  JSAMPROW target = row.data();
  while (jpeg.output_scanline < jpeg.output_height) jpeg_read_scanlines(&jpeg, &target, 1);
  EXPECT_EQ(errors.num_warnings, 0);
  jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
}

TEST(Country, SameSeedGivesTheSameBytesAndAnotherDoesNot) {
  const fs::path one = NewFolder("one");
  const fs::path two = NewFolder("two");
  ASSERT_TRUE(MakeCountry(Small(3, SpreadFaults(3, 9)), one).ok());
  ASSERT_TRUE(MakeCountry(Small(3, SpreadFaults(3, 9)), two).ok());
  EXPECT_TRUE(ReadAll(one) == ReadAll(two));
  ASSERT_TRUE(MakeCountry(Small(4, SpreadFaults(4, 9)), two).ok());
  EXPECT_NE(Read(one / "travellers/01/mrz.txt"), Read(two / "travellers/01/mrz.txt"));
  fs::remove_all(one);
  fs::remove_all(two);
}

TEST(Country, LoadTravellersAreAllGoodAndOfOneSigner) {
  const fs::path folder = NewFolder("load");
  CountryOptions options = Small(5, PlanOfGood(150));
  options.for_load = true;
  ASSERT_TRUE(MakeCountry(options, folder).ok());
  const auto index = nlohmann::json::parse(Read(folder / "travellers.json"));
  ASSERT_EQ(index.size(), 150u);
  for (const auto& row : index) {
    const fs::path traveller = folder / row["folder"].get<std::string>();
    EXPECT_EQ(row["recommendation"], "clear");
    EXPECT_EQ(nlohmann::json::parse(Read(traveller / "expected.json"))["signer"], "RSA");
    const std::string content = VerifiedSod(Read(traveller / "EF.SOD.bin"));
    EXPECT_TRUE(HashIsIn(content, Read(traveller / "EF.DG2.bin")));
  }
  fs::remove_all(folder);
}

TEST(Country, RefusesAFolderThatIsNotItsOwn) {
  const fs::path folder = NewFolder("strange");
  fs::create_directories(folder);
  std::ofstream(folder / "thesis.txt") << "the only copy";
  EXPECT_EQ(MakeCountry(Small(1, PlanOfGood(1)), folder).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Read(folder / "thesis.txt"), "the only copy");
  fs::remove_all(folder);
}

TEST(Faults, SpreadHoldsEachOnceAndStartsGood) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    std::multiset<Fault> found;
    const std::vector<Plan> plans = SpreadFaults(seed, 40);
    for (const Plan& plan : plans) {
      if (plan.fault != Fault::kNone) found.insert(plan.fault);
      if (plan.fault != Fault::kSameChipTwice) continue;
      ASSERT_GE(plan.repeats, 1);
      ASSERT_LT(plan.repeats, plan.number);
      EXPECT_EQ(plans[static_cast<size_t>(plan.repeats - 1)].fault, Fault::kNone);
    }
    EXPECT_EQ(plans.front().fault, Fault::kNone);
    for (const FaultRow& row : FaultRows()) EXPECT_EQ(found.count(row.fault), row.fault == Fault::kNone ? 0u : 1u);
  }
  EXPECT_EQ(SpreadFaults(1, 1).size(), 1u);
}

// Letters to change, add or leave out to make one word of the other.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

TEST(Names, TravellersDoNotResembleListedPersons) {
  const auto parts = [](Pool pool) {
    std::set<std::string> words;
    for (const std::string& name : NamesOf(pool)) {
      for (const auto word : absl::StrSplit(name, absl::ByAnyChar(" -'"), absl::SkipEmpty())) words.emplace(word);
    }
    for (const char* particle : {"AL", "EL", "BEN", "ABU", "DA", "O"}) words.erase(particle);  // everybody's
    return words;
  };
  const std::set<std::string> travellers = parts(Pool::kTravellers);
  for (const std::string& listed : parts(Pool::kListed)) {
    for (const std::string& traveller : travellers)
      EXPECT_GT(EditDistance(listed, traveller), 1u) << listed << traveller;
  }
}

TEST_F(CountryTest, ItsBundleOfNoticesIsSignedAndMeetsTheStolenDocument) {
  const fs::path notices = *folder_ / "notices";
  const std::string issuer = Read(notices / "issuer.der"), text = Read(notices / "unsigned.json");
  const auto verifies = [&](const std::string& bundle) {
    const auto* certificate_bytes = reinterpret_cast<const unsigned char*>(issuer.data());
    const std::shared_ptr<X509> certificate(d2i_X509(nullptr, &certificate_bytes, static_cast<long>(issuer.size())),
                                            X509_free);
    const auto* bytes = reinterpret_cast<const unsigned char*>(bundle.data());
    const std::shared_ptr<CMS_ContentInfo> cms(d2i_CMS_ContentInfo(nullptr, &bytes, static_cast<long>(bundle.size())),
                                               CMS_ContentInfo_free);
    if (cms == nullptr || certificate == nullptr) return false;
    const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> known(
        sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
    sk_X509_push(known.get(), certificate.get());
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    if (CMS_verify(cms.get(), known.get(), nullptr, nullptr, out.get(),
                   CMS_NO_SIGNER_CERT_VERIFY | CMS_NOINTERN | CMS_BINARY) != 1) {
      return false;
    }
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return std::string(data, static_cast<size_t>(size)) == text;
  };
  EXPECT_TRUE(verifies(Read(notices / "utopia.cms")));
  EXPECT_FALSE(verifies(Read(notices / "forged.cms")));

  const std::string number(PrintedOf("stolen_number").document_number());
  const auto bundle = nlohmann::json::parse(text);
  for (const auto& notice : bundle["notices"]) {
    if (notice["id"] != "UTO-BLANKS-1") continue;
    EXPECT_LE(notice["number_ranges"][0]["first"].get<std::string>(), number);
    EXPECT_GE(notice["number_ranges"][0]["last"].get<std::string>(), number);
    return;
  }
  FAIL() << "no notice UTO-BLANKS-1";
}

}  // namespace
}  // namespace gatehouse::specimen
