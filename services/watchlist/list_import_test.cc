#include "services/watchlist/list_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/watchlist/document_number.h"
#include "services/watchlist/list_file.h"

namespace gatehouse::watchlist {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string UnList(const std::string& individuals, const std::string& entities = "") {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CONSOLIDATED_LIST dateGenerated=\"2026-01-02T03:04:05Z\">\n"
         "<INDIVIDUALS>\n" +
         individuals + "</INDIVIDUALS>\n<ENTITIES>\n" + entities + "</ENTITIES>\n</CONSOLIDATED_LIST>\n";
}

constexpr const char* kPerson =
    "<INDIVIDUAL><FIRST_NAME>TARIQ</FIRST_NAME><SECOND_NAME>AL-MADEUP</SECOND_NAME><THIRD_NAME>na</THIRD_NAME>\n"
    "<REFERENCE_NUMBER>ZZi.001</REFERENCE_NUMBER><GENDER>Male</GENDER>\n"
    "<NAME_ORIGINAL_SCRIPT>طارق</NAME_ORIGINAL_SCRIPT>\n"
    "<NATIONALITY><VALUE>Iran (Islamic Republic of)</VALUE><VALUE>Atlantis</VALUE></NATIONALITY>\n"
    "<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>The Tall</ALIAS_NAME></INDIVIDUAL_ALIAS>\n"
    "<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Tarek A; Tarik B</ALIAS_NAME></INDIVIDUAL_ALIAS>\n"
    "<INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>\n"
    "<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><YEAR>1971</YEAR></INDIVIDUAL_DATE_OF_BIRTH>\n"
    "<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1970</FROM_YEAR><TO_YEAR>1973</TO_YEAR>"
    "</INDIVIDUAL_DATE_OF_BIRTH>\n"
    "<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><DATE>1971-02-30</DATE>"
    "</INDIVIDUAL_DATE_OF_BIRTH>\n"
    "<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>A 0012-3</NUMBER>"
    "<ISSUING_COUNTRY>Iraq</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT>\n"
    "<INDIVIDUAL_DOCUMENT><NUMBER>A1, issued in Kabul</NUMBER></INDIVIDUAL_DOCUMENT></INDIVIDUAL>\n";

TEST(UnXmlTest, ReadsAPersonWithAllTrapsOfTheFormat) {
  const auto result = ImportUnXml(UnList(kPerson));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->version, "2026-01-02T03:04:05Z");
  EXPECT_EQ(result->published, "2026-01-02");
  ASSERT_THAT(result->records, SizeIs(1));
  const ListRecord& person = result->records[0];
  EXPECT_EQ(person.record_id, "ZZi.001");
  EXPECT_EQ(person.sex, Sex::kMale);
  EXPECT_EQ(person.names, (std::vector<ListedName>{{"TARIQ AL-MADEUP", NameQuality::kPrimary},
                                                   {"طارق", NameQuality::kStrong},
                                                   {"The Tall", NameQuality::kWeak},
                                                   {"Tarek A", NameQuality::kStrong},
                                                   {"Tarik B", NameQuality::kStrong}}));
  EXPECT_EQ(person.births, (std::vector<names::ListedBirth>{{{1971, 0, 0}}, {{}, 1970, 1973}}));
  EXPECT_EQ(person.nationalities, (std::vector<Nationality>{{"IRN", "Iran (Islamic Republic of)"}, {"", "Atlantis"}}));
  EXPECT_EQ(person.documents, (std::vector<ListedDocument>{{"A 0012-3", "IRQ", "P"}}));
  EXPECT_THAT(result->warnings, SizeIs(3)) << "the impossible date, the unknown country, the prose document";
  EXPECT_THAT(result->rejected, IsEmpty());
}

TEST(UnXmlTest, GoodRecordsSurviveBadNeighbours) {
  const auto result =
      ImportUnXml(UnList("<INDIVIDUAL><FIRST_NAME>NOBODY</FIRST_NAME></INDIVIDUAL>\n" + std::string(kPerson) + kPerson +
                             "<INDIVIDUAL><REFERENCE_NUMBER>ZZi.9</REFERENCE_NUMBER></INDIVIDUAL>\n",
                         "<ENTITY><FIRST_NAME>ACME</FIRST_NAME>"
                         "<REFERENCE_NUMBER>ZZe.001</REFERENCE_NUMBER></ENTITY>\n"));
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_THAT(result->records, SizeIs(2));
  EXPECT_EQ(result->records[1].kind, RecordKind::kEntity);
  EXPECT_EQ(result->rows, 5U);
  ASSERT_THAT(result->rejected, SizeIs(3));
  EXPECT_EQ(result->rejected[0].line, 4);
  EXPECT_EQ(result->rejected[0].field, "REFERENCE_NUMBER");
  EXPECT_EQ(result->rejected[2].field, "FIRST_NAME");
}

TEST(UnXmlTest, EveryCutOffFileIsRefused) {
  const std::string whole = UnList(kPerson);
  const size_t end = whole.rfind("</CONSOLIDATED_LIST>");
  for (size_t size = 0; size < end; size += 7) {
    const auto result = ImportUnXml(whole.substr(0, size));
    ASSERT_FALSE(result.ok()) << size;
    EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(UnXmlTest, RefusesHostileXmlInBoundedTime) {
  std::string laughs = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"ha\">";
  for (int i = 0; i < 40; ++i) {
    laughs += "<!ENTITY e" + std::to_string(i + 1) + " \"&e" + std::to_string(i) + ";&e" + std::to_string(i) + ";\">";
  }
  laughs +=
      "]><CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><FIRST_NAME>&e40;</FIRST_NAME>"
      "<REFERENCE_NUMBER>L.1</REFERENCE_NUMBER></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>";
  const auto expanded = ImportUnXml(laughs);
  ASSERT_TRUE(expanded.ok()) << expanded.status();
  EXPECT_EQ(expanded->records[0].names[0].text, "&e40;") << "no entity of a DTD is expanded";

  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<A>";
  for (int i = 0; i < 100'000; ++i) deep += "</A>";
  EXPECT_THAT(std::string(ImportUnXml(deep).status().message()), HasSubstr("deeper"));
  EXPECT_THAT(std::string(ImportUnXml("<OTHER/>").status().message()), HasSubstr("root"));
  EXPECT_THAT(std::string(ImportUnXml("\x1F\x8B\x08").status().message()), HasSubstr("gunzip"));
  EXPECT_FALSE(ImportUnXml("").ok());
}

TEST(DocumentCsvTest, TheOwnersDateMayStandBeforeTheHeader) {
  const std::string rows = "number,issuer,status\nX1,UTO,stolen\nX2,UTO,gone\n";
  const auto dated = ImportDocumentCsv("# published: 2026-11-30\n" + rows);
  ASSERT_TRUE(dated.ok()) << dated.status();
  EXPECT_EQ(dated->published, "2026-11-30");
  EXPECT_EQ(dated->documents.size(), 1u);
  ASSERT_EQ(dated->rejected.size(), 1u);
  EXPECT_EQ(dated->rejected[0].line, 4) << "lines count from the first of the file";
  EXPECT_EQ(ImportDocumentCsv(rows)->published, "");
  for (const char* wrong : {"# published: 2026-11\n", "# published: soon\n", "# published:\n"}) {
    EXPECT_FALSE(ImportDocumentCsv(wrong + rows).ok()) << wrong;
  }
  EXPECT_FALSE(ImportDocumentCsv("# published: 2026-11-30\n").ok()) << "no header";
}

TEST(DocumentCsvTest, ReadsColumnsByNameAndKeepsGoodRows) {
  const auto result = ImportDocumentCsv(
      "status,colour,number,issuer,type,record_id,reported_date\n"
      "stolen,red,ab 12-3,Ukraine,P,S1,2024-05-17\n"
      "eaten,red,X1,UKR,P,S2,\n"
      "lost,red,X2,Atlantis,P,S3,\n"
      "lost,red,X3,UKR\n"
      "lost,red,\"X\n"
      "revoked,red,000<7,D,,,2023-00-00\n"
      "lost,red,X4,UTO,ID,S1,\n"
      "stolen_blank,red,X5,UTO,ID,S5,\n");
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_THAT(result->documents, SizeIs(3));
  EXPECT_EQ(result->documents[0],
            (DocumentRecord{"S1", {"ab 12-3", "UKR", "P"}, DocumentStatus::kStolen, {2024, 5, 17}}));
  EXPECT_EQ(result->documents[1].record_id, "DEU--0007");
  EXPECT_EQ(result->documents[2].status, DocumentStatus::kStolenBlank);
  std::vector<std::pair<int, std::string>> rejected;
  for (const ImportIssue& issue : result->rejected) rejected.emplace_back(issue.line, issue.field);
  EXPECT_EQ(rejected, (std::vector<std::pair<int, std::string>>{
                          {3, "status"}, {4, "issuer"}, {5, "row"}, {6, "row"}, {8, "record_id"}}));
  EXPECT_EQ(result->rows, 8U);
}

TEST(DocumentCsvTest, RefusesWhatIsNoWholeList) {
  for (const char* bad :
       {"", "\n\n", "number,issuer\nX1,UKR\n", "number,number,issuer,status\n",
        "number,issuer,status\nX1,UKR,stolen\nX2,UK", "number,issuer,status\nX1,UKR,stolen\nX2,UKR,sto"}) {
    const auto result = ImportDocumentCsv(bad);
    ASSERT_FALSE(result.ok()) << bad;
    EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_TRUE(ImportDocumentCsv("number,issuer,status\nX1,UKR,stolen").ok()) << "a whole last row needs no line break";
}

TEST(DocumentCsvTest, ErrorsNeverRepeatContent) {
  const auto result = ImportDocumentCsv("number,issuer,status\nSECRET1,SECRETLAND,stolen\n");
  ASSERT_TRUE(result.ok());
  for (const ImportIssue& issue : result->rejected) EXPECT_EQ(issue.reason.find("SECRET"), std::string::npos);
}

TEST(ImportListTest, KnowsItsFormats) { EXPECT_FALSE(ImportList("xlsx", "x").ok()); }

TEST(DocumentNumberTest, CanonicalFormAndConfusion) {
  EXPECT_EQ(CanonicalDocumentNumber(" ab-12.3<<"), "AB123");
  EXPECT_EQ(CanonicalDocumentNumber("007"), "007");
  EXPECT_EQ(CanonicalDocumentNumber("A1, A2"), "");
  EXPECT_EQ(CanonicalDocumentNumber(std::string(65, 'A')), "");
  EXPECT_EQ(ConfusionKey("OQD0ILS8GBZ"), ConfusionKey("0000115B682"));
  EXPECT_NE(ConfusionKey("A1"), ConfusionKey("A7"));
}

TEST(DocumentNumberTest, TypesAndIssuers) {
  EXPECT_EQ(CanonicalDocumentType("passport"), "P");
  EXPECT_EQ(CanonicalDocumentType("PD"), "P");
  EXPECT_EQ(CanonicalDocumentType("National Identification Number"), "I");
  EXPECT_EQ(CanonicalDocumentType("driving licence"), "");
  EXPECT_EQ(CanonicalIssuer("d"), "DEU");
  EXPECT_EQ(CanonicalIssuer("uto"), "UTO");
  EXPECT_EQ(CanonicalIssuer("nowhere"), "");
}

TEST(LineMapTest, CountsFromOne) {
  const LineMap lines("a\nbc\n\nd");
  EXPECT_EQ(lines.LineAt(0), 1);
  EXPECT_EQ(lines.LineAt(2), 2);
  EXPECT_EQ(lines.LineAt(6), 4);
}

}  // namespace
}  // namespace gatehouse::watchlist
