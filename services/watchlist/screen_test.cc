#include "services/watchlist/screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::watchlist {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kImported = absl::FromUnixSeconds(1'700'000'000);

ListRecord Person(std::string id, std::vector<ListedName> listed, base::PartialDate born, std::string nationality) {
  ListRecord record;
  record.record_id = std::move(id);
  record.names = std::move(listed);
  if (!born.empty()) record.births = {{born}};
  if (!nationality.empty()) record.nationalities = {{nationality, nationality}};
  return record;
}

// Made-up persons.
std::shared_ptr<const Snapshot> Persons() {
  SnapshotContent content;
  content.base = "persons";
  content.version = "v7";
  content.imported_at = kImported;
  content.records = {
      Person("P1", {{"Yusuf Abd al-Karim Zanjabili"}, {"Abu Warda", NameQuality::kWeak}}, {1971, 3, 14}, "IRQ"),
      Person("P2", {{"Sergei Petrovich Kolokoltsev"}}, {1960, 0, 0}, "RUS"),
      Person("P3", {{"Muhammad Ali"}}, {1980, 5, 6}, "EGY"),
      Person("P4", {{"Zanjabili Trading"}}, {}, ""),
  };
  content.records[0].sex = Sex::kMale;
  content.records[0].documents = {{"A 001-7", "IRQ", "P"}};
  content.records[3].kind = RecordKind::kEntity;
  return Snapshot::Build(content);
}

std::shared_ptr<const Snapshot> Documents() {
  SnapshotContent content;
  content.base = "documents";
  content.imported_at = kImported;
  content.documents = {{"D1", {"AB123450", "UKR", "P"}, DocumentStatus::kStolen, {}},
                       {"D2", {"AB123450", "FRA", "P"}, DocumentStatus::kLost, {}}};
  return Snapshot::Build(content);
}

BaseAnswer Ask(const Query& query, std::shared_ptr<const Snapshot> snapshot, ScreenOptions options = {}) {
  if (options.now == absl::Time()) options.now = kImported + absl::Hours(5);
  return Screen(query, {{.name = "base", .snapshot = std::move(snapshot), .confirmed_at = kImported}}, options)[0];
}

Query Named(std::string name, base::PartialDate born = {}, std::string nationality = "") {
  Query query;
  query.name = std::move(name);
  query.birth_date = born;
  query.nationality = std::move(nationality);
  return query;
}

Query WithDocument(std::string number, std::string issuer, std::string type = "") {
  Query query;
  query.document = DocumentQuery{std::move(number), std::move(issuer), std::move(type)};
  return query;
}

TEST(ScreenNameTest, FindsOnePersonInManySpellings) {
  for (const char* name : {"YUSUF ABD AL KARIM ZANJABILI", "Zanjabili Yusuf", "Youssef Abdulkarim Zanjabili",
                           "YUSUFABD AL KARIM ZANJABILI", "Yousef Abdel-Kareem ZANGABILI", "يوسف عبد الكريم زنجبيلي",
                           "Yusuf A. K. Zanjabili", "Юсуф Занджабили"}) {
    const BaseAnswer answer = Ask(Named(name, {1971, 3, 14}), Persons());
    EXPECT_EQ(answer.status, BaseStatus::kHit) << name;
    ASSERT_FALSE(answer.hits.empty()) << name;
    EXPECT_EQ(answer.hits[0].record_id, "P1") << name;
    EXPECT_EQ(answer.hits[0].band, Band::kIdentity) << name << " " << answer.hits[0].score;
  }
}

TEST(ScreenNameTest, ATruncatedMrzNameMatchesAsPrefix) {
  Query query;
  query.mrz_name = "ZANJABILI<<YUSUF<SALIM<ABD<KAR";
  ASSERT_EQ(query.mrz_name.size(), 30U);
  query.birth_date = {1971, 3, 14};
  const BaseAnswer answer = Ask(query, Persons());
  ASSERT_FALSE(answer.hits.empty());
  EXPECT_EQ(answer.hits[0].record_id, "P1");
  EXPECT_THAT(answer.hits[0].matched, Contains("name: kar = karim (cut)"));
}

TEST(ScreenNameTest, ExplainsWhatAgreed) {
  Query query = Named("Youssef Zanjabili", {1971, 14, 3}, "IRQ");
  query.birth_date = {1971, 3, 14};
  query.sex = Sex::kMale;
  const BaseAnswer answer = Ask(query, Persons());
  ASSERT_FALSE(answer.hits.empty());
  EXPECT_THAT(answer.hits[0].matched, ElementsAre("name: youssef = yusuf (typo)", "name: zanjabili = zanjabili (exact)",
                                                  "birth date: full date", "sex: agrees", "nationality: agrees"));
}

TEST(ScreenNameTest, EvidenceGradesTheSameName) {
  const auto score = [](const Query& query) {
    ScreenOptions options;
    options.all = true;
    const BaseAnswer answer = Ask(query, Persons(), options);
    return answer.hits.empty() ? 0.0 : answer.hits[0].score;
  };
  const double full = score(Named("Muhammad Ali", {1980, 5, 6}, "EGY"));
  const double year = score(Named("Muhammad Ali", {1980, 0, 0}, "EGY"));
  const double nothing = score(Named("Muhammad Ali"));
  const double against = score(Named("Muhammad Ali", {1999, 5, 6}, "NOR"));
  EXPECT_GT(full, year);
  EXPECT_GT(year, nothing);
  EXPECT_GT(nothing, against);
}

TEST(ScreenNameTest, OtherPersonsAreNoHit) {
  for (const char* name : {"Johanna Lindqvist", "Yusuf Demir", "Sergei Ivanov", "Ali Hassan"}) {
    EXPECT_EQ(Ask(Named(name, {1990, 1, 2}, "SWE"), Persons()).status, BaseStatus::kNoHit) << name;
  }
}

TEST(ScreenNameTest, EntitiesAreNotComparedWithTravellers) {
  ScreenOptions options;
  options.all = true;
  for (const Hit& hit : Ask(Named("Zanjabili Trading"), Persons(), options).hits) EXPECT_NE(hit.record_id, "P4");
}

TEST(ScreenNameTest, AWeakAliasIsNeverAnIdentity) {
  const BaseAnswer answer = Ask(Named("Abu Warda", {1971, 3, 14}, "IRQ"), Persons());
  ASSERT_FALSE(answer.hits.empty());
  EXPECT_NE(answer.hits[0].band, Band::kIdentity);
  EXPECT_THAT(answer.hits[0].matched, Contains("name: weak alias"));
}

TEST(ScreenDocumentTest, ExactNumberAndIssuer) {
  const BaseAnswer answer = Ask(WithDocument("ab 12345-0", "UA", "P"), Documents());
  EXPECT_EQ(answer.status, BaseStatus::kHit);
  ASSERT_THAT(answer.hits, SizeIs(1));
  EXPECT_EQ(answer.hits[0].record_id, "D1");
  EXPECT_EQ(answer.hits[0].score, 100);
  EXPECT_EQ(answer.hits[0].band, Band::kIdentity);
  EXPECT_EQ(answer.hits[0].document_status, DocumentStatus::kStolen);
  EXPECT_THAT(answer.hits[0].matched, ElementsAre("document number: exact", "document issuer: agrees"));
}

TEST(ScreenDocumentTest, OtherIssuerTypeOrNumberIsNoHit) {
  EXPECT_EQ(Ask(WithDocument("AB123450", "DEU"), Documents()).status, BaseStatus::kNoHit);
  EXPECT_EQ(Ask(WithDocument("AB123450", "UKR", "ID"), Documents()).status, BaseStatus::kNoHit);
  EXPECT_EQ(Ask(WithDocument("0AB123450", "UKR"), Documents()).status, BaseStatus::kNoHit) << "leading zeros count";
  EXPECT_THAT(Ask(WithDocument("AB123451", "UKR"), Documents()).hits, IsEmpty());
}

TEST(ScreenDocumentTest, ConfusedCharactersAreAWeakHitApart) {
  const BaseAnswer answer = Ask(WithDocument("A8I2345O", "UKR"), Documents());
  EXPECT_EQ(answer.status, BaseStatus::kNoHit) << "weak findings alone are no hit";
  ASSERT_THAT(answer.hits, SizeIs(1));
  EXPECT_EQ(answer.hits[0].band, Band::kWeak);
  EXPECT_THAT(answer.hits[0].matched, ElementsAre("document number: equal but for characters that look alike"));
}

TEST(ScreenDocumentTest, WithoutIssuerEveryIssuerIsPossible) {
  const BaseAnswer answer = Ask(WithDocument("AB123450", ""), Documents());
  ASSERT_THAT(answer.hits, SizeIs(2));
  EXPECT_EQ(answer.hits[0].band, Band::kPossible);
}

TEST(ScreenDocumentTest, TheDocumentOfAListedPersonPointsToThePerson) {
  Query query = WithDocument("A0017", "IRQ", "P");
  query.name = "Somebody Else";
  const BaseAnswer answer = Ask(query, Persons());
  ASSERT_FALSE(answer.hits.empty());
  EXPECT_EQ(answer.hits[0].record_id, "P1");
  EXPECT_EQ(answer.hits[0].band, Band::kIdentity);
}

TEST(ScreenStatusTest, AMissingAnswerIsNeverNoHit) {
  EXPECT_EQ(Ask(Named("Yusuf Zanjabili"), nullptr).status, BaseStatus::kError);
  EXPECT_EQ(Ask(Named("Yusuf Zanjabili"), Documents()).status, BaseStatus::kNotSearched);
  ScreenOptions options;
  options.now = kImported + absl::Hours(48);
  options.max_age = absl::Hours(24);
  const BaseAnswer stale = Ask(Named("Yusuf Abd al-Karim Zanjabili", {1971, 3, 14}), Persons(), options);
  EXPECT_EQ(stale.status, BaseStatus::kStale);
  EXPECT_THAT(stale.hits, SizeIs(1)) << "a stale base still tells what it knows";
  EXPECT_EQ(stale.age, absl::Hours(48));
  EXPECT_EQ(stale.version, "v7");
}

TEST(ScreenStatusTest, AnswersComeInTheOrderOfTheBases) {
  ScreenOptions options;
  options.now = kImported;
  const auto answers = Screen(Named("Nobody"), {{"b", Persons()}, {"a", Documents()}, {"c", nullptr}}, options);
  ASSERT_THAT(answers, SizeIs(3));
  EXPECT_EQ(answers[0].base, "b");
  EXPECT_EQ(answers[2].status, BaseStatus::kError);
}

TEST(CheckQueryTest, NamesTheField) {
  EXPECT_FALSE(CheckQuery(Query{}).ok());
  EXPECT_FALSE(CheckQuery(Named(std::string(2000, 'a'))).ok());
  EXPECT_FALSE(CheckQuery(WithDocument("??", "UKR")).ok());
  EXPECT_TRUE(CheckQuery(Named("A")).ok());
}

TEST(ScreenNameTest, ANameThatCannotBeSearchedIsNoAnswerAndNeverNoHit) {
  for (const char* name : {"<<<<<<", "-- --", "\xE2\x98\x83"}) {
    const BaseAnswer answer = Ask(Named(name), Persons());
    EXPECT_EQ(answer.status, BaseStatus::kUnsearchable) << name;
    EXPECT_EQ(answer.reason, "the name has no letters that can be searched");
  }
  Query fillers;
  fillers.mrz_name = "<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<";
  EXPECT_EQ(Ask(fillers, Persons()).status, BaseStatus::kUnsearchable);
  EXPECT_EQ(Ask(Named("<<<"), Documents()).status, BaseStatus::kNotSearched) << "it holds no names";

  fillers.document = DocumentQuery{"A0017", "IRQ", "P"};
  EXPECT_EQ(Ask(fillers, Persons()).status, BaseStatus::kHit) << "what was found by document counts all the same";
  fillers.document = DocumentQuery{"A0018", "IRQ", "P"};
  EXPECT_EQ(Ask(fillers, Persons()).status, BaseStatus::kPartlySearched) << "half of the question was not answered";
}

TEST(ScreenNameTest, WhatOfANameWasNotSearchedIsSaid) {
  for (const char* name : {"O", "A B", "오"}) {
    const BaseAnswer answer = Ask(Named(name), Persons());
    EXPECT_EQ(answer.status, BaseStatus::kUnsearchable) << name;
    EXPECT_EQ(answer.reason, "the name is single letters, which cannot be searched");
  }
  std::string long_name;
  for (int i = 0; i < 17; ++i) long_name += "Word" + std::string(1, static_cast<char>('a' + i)) + " ";
  const BaseAnswer cut = Ask(Named(long_name), Persons());
  EXPECT_EQ(cut.status, BaseStatus::kPartlySearched);
  EXPECT_EQ(cut.reason, "only the first 16 words were searched");
  const BaseAnswer runes = Ask(Named("Johanna ᚠᚢᚦᚨ𐍂"), Persons());
  EXPECT_EQ(runes.status, BaseStatus::kPartlySearched);
  EXPECT_EQ(runes.reason, "some letters of the name cannot be compared");
  EXPECT_EQ(Ask(Named("ᚠᚢᚦᚨ"), Persons()).status, BaseStatus::kUnsearchable);

  EXPECT_EQ(Ask(Named(long_name + " Yusuf"), Documents()).status, BaseStatus::kNotSearched) << "it holds no names";
  Query query = Named("Johanna ᚠᚢᚦᚨ");
  query.mrz_name = "LINDQVIST<<JOHANNA<<<<<<<<<<<<<<<<<<<<<";
  EXPECT_EQ(Ask(query, Persons()).status, BaseStatus::kNoHit) << "the zone's form was compared as a whole";
  EXPECT_EQ(Ask(Named("Yusuf Zanjabili ᚠᚢᚦᚨ", {1971, 3, 14}), Persons()).status, BaseStatus::kHit);
}

// Nothing of these scripts is lost, or half of the world would be referred.
TEST(ScreenNameTest, CommonScriptsAreSearchedWhole) {
  for (const char* name :
       {"Γιώργος Παπαδόπουλος", "Шевченко Тарас", "ירושלמי דוד",  "أحمد بن علي",   "王小明",         "김민석",
        "たなか ひろし",        "สมชาย ใจดี",      "अमित कुमार",    "გიორგი ბერიძე", "Արամ Խաչատրյան", "አበበ ቢቂላ",
        "Nguyễn Thị Minh",      "Łukasz Żółć",    "Đorđe Šešelj", "İbrahim Gökçe", "O'Brien-Smith",  "J. Smith",
        "அருண் குமார்",           "রহিম উদ্দিন"}) {
    EXPECT_EQ(Ask(Named(name), Persons()).status, BaseStatus::kNoHit)
        << name << ": " << Ask(Named(name), Persons()).reason;
  }
}

TEST(ScreenStatusTest, DataThatNobodyConfirmedIsStaleWhereAgeMatters) {
  ScreenOptions options;
  options.now = kImported;
  const Base base = {.name = "base", .snapshot = Persons()};
  EXPECT_EQ(Screen(Named("Johanna Lindqvist"), {base}, options)[0].status, BaseStatus::kNoHit);
  options.max_age = absl::Hours(24);
  const BaseAnswer answer = Screen(Named("Johanna Lindqvist"), {base}, options)[0];
  EXPECT_EQ(answer.status, BaseStatus::kStale);
  EXPECT_FALSE(answer.confirmed_at.has_value());
}

}  // namespace
}  // namespace gatehouse::watchlist
