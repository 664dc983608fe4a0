#include "tools/specimen/names.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace gatehouse::specimen {
namespace {

constexpr size_t kSurnames = 20;
constexpr size_t kGivenNames = 12;

// Even places are the travellers', odd ones the listed persons'.
struct Culture {
  std::array<std::string_view, kSurnames> surnames;
  std::array<std::string_view, kGivenNames> male;
  std::array<std::string_view, kGivenNames> female;
};

constexpr Culture kCultures[] = {
    // British and Irish
    {{"ASHDOWN",   "BLACKWOOD", "CARTWRIGHT", "DUNMORE",    "O'CONNELL", "FAIRWEATHER", "GREENHALGH",
      "HOLLOWAY",  "KERRIGAN",  "LOCKHART",   "MACALISTER", "NORTHCOTE", "PEMBERTON",   "QUIGLEY",
      "RADCLIFFE", "SHERWOOD",  "THORNBURY",  "UNDERHILL",  "WHITCOMBE", "YARDLEY"},
     {"ALISTAIR", "BARNABY", "CALLUM", "DESMOND", "EDMUND", "FERGUS", "GRAHAM", "HUGO", "IAN", "RUPERT", "KEITH",
      "LEWIS"},
     {"ABIGAIL", "BRIDGET", "CORDELIA", "DEIRDRE", "ELEANOR", "FIONA", "GWENDOLEN", "HARRIET", "IMOGEN", "JOCELYN",
      "KATHLEEN", "LORNA"}},
    // Russian and Ukrainian
    {{"ALEKSEEV",    "BONDARENKO", "CHERNYSHEV", "DROZDOV",  "ERMAKOV",   "FEDORCHUK", "GAVRILOV",
      "HONCHARENKO", "ISKANDEROV", "KOVALCHUK",  "LUKASHIN", "MOROZENKO", "NIKITIN",   "OSTAPCHUK",
      "PETRENKO",    "RYBAKOV",    "SHEVCHUK",   "TIMOFEEV", "USTINOV",   "ZHUKOVSKYI"},
     {"ANDREI", "BOGDAN", "DMYTRO", "EVGENII", "GRIGORII", "IHOR", "KONSTANTIN", "LEONID", "MIKHAIL", "NAZAR",
      "OLEKSII", "PAVEL"},
     {"ALINA", "YEVHENIIA", "EKATERINA", "TAMARA", "INNA", "KSENIIA", "LARYSA", "MARHARYTA", "NADEZHDA", "OKSANA",
      "POLINA", "SVETLANA"}},
    // Arabic
    {{"AL-BASRI",  "EL KHOURY",   "AL-DIMASHQI", "HADDAD",  "AL-FARSI",  "ABU NASSER", "AL-HASHIMI",
      "MANSOUR",   "BEN YOUSSEF", "AL-KINDI",    "SALEH",   "BOUAZIZ",   "AL-MASRI",   "QADDOURI",
      "AL-NAJJAR", "TAWFIQ",      "EL SAYED",    "ZAHRANI", "AL-TAMIMI", "BARGHOUTHI"},
     {"ABDULLAH", "BILAL", "FAISAL", "JAMAL", "HASSAN", "IBRAHIM", "KHALED", "MAHMOUD", "NABIL", "OMAR", "RASHID",
      "TAREQ"},
     {"AMINA", "BUTHAYNA", "DALIA", "FATIMA", "HANAN", "INTISAR", "KHADIJA", "LAYLA", "MARYAM", "NOUR", "RANIA",
      "SAMIRA"}},
    // Chinese
    {{"OUYANG", "ZHANG", "SHEN", "HUANG", "XU",    "ZHENG", "TANG", "CHENG", "LUO",  "SONG",
      "DENG",   "XIONG", "FAN",  "WEI",   "JIANG", "SITU",  "CAO",  "ZHUGE", "YUAN", "BAI"},
     {"JIANGUO", "WEIMING", "HAORAN", "ZHIQIANG", "YICHEN", "GUANGMING", "LONGFEI", "XIAODONG", "BOWEN", "TIANYU",
      "MINGZE", "RUNDONG"},
     {"XIULAN", "MEILING", "YUTONG", "QINGYUE", "SHUFEN", "LIHUA", "RUOXI", "HUIMIN", "JINGYI", "WANTING", "ZIHAN",
      "CHUNHUA"}},
    // West African
    {{"ADEYEMI", "BANGURA", "CHUKWU",   "DIALLO",  "EZE",    "FOFANA", "GBEHO",     "IDOWU", "KOUASSI", "LAWAL",
      "MENSAH",  "NWOSU",   "OYELARAN", "QUARTEY", "SANOGO", "TRAORE", "UGOCHUKWU", "WADE",  "YEBOAH",  "ZONGO"},
     {"ADEWALE", "BABATUNDE", "CHIDI", "EMEKA", "FEMI", "KOFI", "KWABENA", "MAMADOU", "OBINNA", "SEKOU", "TUNDE",
      "KWAKU"},
     {"ABENA", "ADAEZE", "BINTA", "CHIAMAKA", "EFUA", "FOLASADE", "IFEOMA", "KADIATOU", "NGOZI", "OLUCHI", "TEMITOPE",
      "YETUNDE"}},
    // Spanish and Portuguese
    {{"ALTAMIRANO VEGA", "BARRIOS",    "CARVALHO",          "DOMÍNGUEZ RUIZ",
      "ESPINOZA",        "FIGUEIREDO", "GUTIÉRREZ MORALES", "HERRERA",
      "IBÁÑEZ",          "JARAMILLO",  "LOURENÇO DA SILVA", "MALDONADO",
      "NAVARRO",         "OLIVEIRA",   "PACHECO CÓRDOBA",   "QUINTANILLA",
      "REBELO",          "SANDOVAL",   "TEIXEIRA",          "VILLALOBOS"},
     {"ALEJANDRO", "BENITO", "CARLOS", "DIEGO", "ESTEBAN", "FERNANDO", "GONZALO", "HÉCTOR", "IGNACIO", "JOAQUIM",
      "LEANDRO", "MATEUS"},
     {"ADRIANA", "BEATRIZ", "CONSUELO", "DOLORES", "ESPERANZA", "FRANCISCA", "GRACIELA", "INÉS", "JIMENA", "LUCÍA",
      "MAGDALENA", "NATALIA"}},
    // German and Nordic
    {{"ACHTERBERG", "BIRKELUND", "CHRISTOPHERSEN", "DIETRICH",  "EHRENBERG",   "FALKENSTEIN",         "GRÜNEWALD",
      "HALVORSEN",  "ISAKSSON",  "JØRGENSEN",      "KIRCHHOFF", "LINDQVIST",   "MÜLLER-LÜDENSCHEIDT", "NIEMINEN",
      "ØSTERGÅRD",  "PFEIFFER",  "ROSENKRANZ",     "STURLUSON", "THORVALDSEN", "WEIẞGERBER"},
     {"ANSELM", "BJARNE", "CASPAR", "DETLEF", "EERO", "FRIDTJOF", "GUNNAR", "HEINRICH", "JOHANNES", "KLAUS", "LENNART",
      "MAGNUS"},
     {"ANNELIESE", "BRITTA", "CHARLOTTE", "DAGMAR", "EDELTRAUD", "FREYA", "GUDRUN", "HELGA", "INGEBORG", "MARGARETE",
      "KIRSTEN", "LIESELOTTE"}},
    // South Asian
    {{"AGARWAL",      "BHATTACHARYA", "CHAUDHRY", "DESHPANDE", "GUNAWARDENA",  "SHAIKH",        "IYER",
      "JAYASURIYA",   "KULKARNI",     "LAKHANI",  "MUKHERJEE", "NAMBIAR",      "PADMANABHAN",   "QURESHI",
      "RAMACHANDRAN", "SIDDIQUI",     "THAPA",    "UPADHYAY",  "VENKATARAMAN", "WICKRAMASINGHE"},
     {"ARJUN", "BALRAJ", "DEEPAK", "FARHAN", "GOPAL", "HARISH", "IMTIAZ", "JAGDISH", "KRISHNAN", "LAKSHMAN", "MOHAN",
      "NASEEM"},
     {"ANJALI", "BHAVANA", "DEEPIKA", "FARZANA", "GEETA", "HEMALATHA", "INDIRA", "JYOTI", "KAVITA", "LATIKA",
      "MEENAKSHI", "NASREEN"}},
    // Turkish and Central Asian
    {{"AKSOY",    "BAYRAMOV",  "ÇELİKBİLEK",  "DURMAZ",        "ERDEMIR",    "GULIYEV",    "HOŞGÖR",
      "ISMAILOV", "KARATAŞ",   "MAMMADOV",    "NURMAGAMBETOV", "ÖZTÜRK",     "POLATKAN",   "RAKHIMOV",
      "SARIGÜL",  "TOKTOBAEV", "UZUNÇARŞILI", "YILDIRIM",      "ZHUMABEKOV", "TASHKENBAEV"},
     {"AYDIN", "BEKZAT", "CEMAL", "DAULET", "EMRE", "FARRUKH", "HAKAN", "ILHAM", "KEMAL", "MURAT", "NURLAN", "ORHAN"},
     {"AYGUL", "BERNA", "CANAN", "DILNOZA", "ELIF", "FERIDE", "GULNARA", "HANDE", "KAMOLA", "LEYLI", "NESRIN",
      "SHAHNOZA"}},
};

template <size_t Size>
std::string_view PickHalf(SeededRandom& random, const std::array<std::string_view, Size>& names, Pool pool) {
  return names[2 * random.Below(Size / 2) + (pool == Pool::kListed ? 1 : 0)];
}

template <size_t Size>
std::string PickGiven(SeededRandom& random, const std::array<std::string_view, Size>& names, Pool pool) {
  std::string given(PickHalf(random, names, pool));
  if (!random.Chance(0.4)) return given;
  const std::string_view second = PickHalf(random, names, pool);
  if (second != given) given.append(" ").append(second);
  return given;
}

}  // namespace

Holder MakeHolder(SeededRandom& random, Pool pool, absl::CivilDay today) {
  const Culture& culture = random.Pick(kCultures);
  Holder holder;
  holder.surname = PickHalf(random, culture.surnames, pool);
  const bool female = random.Chance(0.5);
  holder.given_names = PickGiven(random, female ? culture.female : culture.male, pool);
  holder.sex = random.Chance(0.02) ? 'X' : female ? 'F' : 'M';
  const bool listed = pool == Pool::kListed;
  const int64_t age_days = random.Between((listed ? 20 : 5) * 365 + 30, (listed ? 79 : 84) * 365);
  holder.birth_date = today - age_days;
  return holder;
}

std::vector<std::string> NamesOf(Pool pool) {
  std::vector<std::string> names;
  for (const Culture& culture : kCultures) {
    const auto add = [&](const auto& table) {
      for (size_t i = pool == Pool::kListed ? 1 : 0; i < table.size(); i += 2) names.emplace_back(table[i]);
    };
    add(culture.surnames);
    add(culture.male);
    add(culture.female);
  }
  return names;
}

}  // namespace gatehouse::specimen
