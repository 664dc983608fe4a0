#include "services/watchlist/screen.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "libs/names/country.h"
#include "libs/names/identity_score.h"
#include "services/watchlist/document_number.h"
#include "services/watchlist/edition.h"

namespace gatehouse::watchlist {
namespace {

using names::Agreement;
using names::BirthEvidence;

constexpr double kDocumentExact = 100;
constexpr double kDocumentAnyIssuer = 70;  // the query did not say who issued it
constexpr double kDocumentConfused = kWeakScore;

std::string Text(std::string_view view) { return std::string(view); }

// The best finding for one record, while a base is searched.
struct Finding {
  double score = -1;
  names::IdentityEvidence evidence;
  uint32_t name = 0;
  const names::NameQuery* form = nullptr;  // null: found by document
};

struct Traveller {
  explicit Traveller(const Query& query) : query(query) {
    if (!query.name.empty()) Add(names::NameQuery::FromText(query.name));
    if (!query.primary.empty() || !query.secondary.empty()) {
      Add(names::NameQuery::FromText(absl::StrCat(query.secondary, " ", query.primary)));
    }
    if (!query.mrz_name.empty()) Add(names::NameQuery::FromMrz(query.mrz_name));
    nationality = names::CountryCode(query.nationality);
  }

  // A name was given, and nothing in it can be compared: only fillers, a script nobody transliterates, single letters.
  bool unsearchable() const {
    return named && std::none_of(forms.begin(), forms.end(), [](const auto& form) { return form.searchable(); });
  }
  // No form of the name could be compared as a whole; empty: one was.
  std::string left_out() const {
    names::LeftOut least{.words = true, .letters = true};
    for (const names::NameQuery& form : forms) {
      if (form.searchable() && form.left_out == names::LeftOut()) return "";
      least.words &= form.left_out.words;
      least.letters &= form.left_out.letters;
    }
    if (forms.empty()) return "";
    return least.words && !least.letters ? absl::StrCat("only the first ", names::kMaxTokens, " words were searched")
                                         : "some letters of the name cannot be compared";
  }

  const Query& query;
  bool named = false;
  std::vector<names::NameQuery> forms;  // with at least one word each
  std::string nationality;

 private:
  void Add(names::NameQuery form) {
    named = true;
    if (!form.tokens.empty()) forms.push_back(std::move(form));
  }
};

names::IdentityEvidence PersonalEvidence(const Traveller& traveller, const ListRecord& record) {
  names::IdentityEvidence evidence;
  bool first = true;
  for (const names::ListedBirth& birth : record.births) {
    const BirthEvidence found = names::CompareBirth(traveller.query.birth_date, birth);
    if (first || names::BirthGain(found) > names::BirthGain(evidence.birth)) evidence.birth = found;
    first = false;
  }
  if (traveller.query.sex != Sex::kUnknown && record.sex != Sex::kUnknown) {
    evidence.sex = traveller.query.sex == record.sex ? Agreement::kAgrees : Agreement::kDiffers;
  }
  if (!traveller.nationality.empty()) {
    for (const Nationality& listed : record.nationalities) {
      if (listed.code.empty() || evidence.nationality == Agreement::kAgrees) continue;
      evidence.nationality = listed.code == traveller.nationality ? Agreement::kAgrees : Agreement::kDiffers;
    }
  }
  return evidence;
}

Band BandOf(double score) {
  if (score >= kIdentityScore) return Band::kIdentity;
  if (score >= kPossibleScore) return Band::kPossible;
  return score >= kWeakScore ? Band::kWeak : Band::kBelow;
}

std::vector<std::string> ExplainName(const std::vector<names::PairExplanation>& pairs, const Finding& finding) {
  std::vector<std::string> matched;
  for (const names::PairExplanation& pair : pairs) {
    matched.push_back(absl::StrCat("name: ", pair.query_words, " = ", pair.list_words, " (",
                                   Text(names::TokenRuleName(pair.rule)), ")"));
  }
  if (finding.evidence.weak_alias) matched.push_back("name: weak alias");
  if (finding.evidence.birth != BirthEvidence::kUnknown) {
    matched.push_back(absl::StrCat("birth date: ", Text(names::BirthEvidenceName(finding.evidence.birth))));
  }
  if (finding.evidence.sex == Agreement::kAgrees) matched.push_back("sex: agrees");
  if (finding.evidence.sex == Agreement::kDiffers) matched.push_back("sex: differs");
  if (finding.evidence.nationality == Agreement::kAgrees) matched.push_back("nationality: agrees");
  if (finding.evidence.nationality == Agreement::kDiffers) matched.push_back("nationality: differs");
  return matched;
}

void SearchNames(const Traveller& traveller, const Snapshot& snapshot, const ScreenOptions& options,
                 std::vector<Hit>& hits) {
  std::map<uint32_t, Finding> best;  // by record
  std::map<uint32_t, names::IdentityEvidence> personal;
  for (const names::NameQuery& form : traveller.forms) {
    for (const names::NameCandidate& candidate : snapshot.name_index().Search(form)) {
      const NamePlace place = snapshot.PlaceOfName(candidate.name);
      const ListRecord& record = snapshot.content().records[place.record];
      const auto [known, fresh] = personal.try_emplace(place.record);
      if (fresh) known->second = PersonalEvidence(traveller, record);
      names::IdentityEvidence evidence = known->second;
      evidence.name = candidate.evidence;
      evidence.weak_alias = record.names[place.item].quality == NameQuality::kWeak;
      const double score = names::IdentityScore(evidence);
      Finding& finding = best[place.record];
      if (score > finding.score) finding = {score, evidence, candidate.name, &form};
    }
  }
  std::vector<std::pair<uint32_t, Finding>> ranked;
  for (const auto& [record, finding] : best) {
    if (options.all || finding.score >= kWeakScore) ranked.emplace_back(record, finding);
  }
  const size_t kept = std::min(ranked.size(), options.max_hits);
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<ptrdiff_t>(kept), ranked.end(),
                    [](const auto& a, const auto& b) {
                      return a.second.score != b.second.score ? a.second.score > b.second.score : a.first < b.first;
                    });
  ranked.resize(kept);
  std::map<const names::NameQuery*, std::vector<uint32_t>> names_of_form;
  for (const auto& [record, finding] : ranked) names_of_form[finding.form].push_back(finding.name);
  std::map<const names::NameQuery*, std::map<uint32_t, std::vector<names::PairExplanation>>> explained;
  for (const auto& [form, listed] : names_of_form) explained[form] = snapshot.name_index().Explain(*form, listed);
  for (const auto& [record, finding] : ranked) {
    Hit hit;
    hit.base = snapshot.content().base;
    hit.record_id = snapshot.content().records[record].record_id;
    hit.score = finding.score;
    hit.band = BandOf(finding.score);
    // The list itself doubts a weak alias, so it cannot say more than "possible".
    if (finding.evidence.weak_alias && hit.band == Band::kIdentity) hit.band = Band::kPossible;
    hit.matched = ExplainName(explained[finding.form][finding.name], finding);
    hits.push_back(std::move(hit));
  }
}

struct NumberQuery {
  std::string number;
  std::string issuer;
  std::string type;
};

// The score of a listed document whose number agrees; negative when issuer or type say it is another document.
double ScoreDocument(const NumberQuery& query, const ListedDocument& listed) {
  if (!query.type.empty() && !listed.type.empty() && query.type != listed.type) return -1;
  if (query.issuer.empty() || listed.issuer.empty()) return kDocumentAnyIssuer;
  return query.issuer == listed.issuer ? kDocumentExact : -1;
}

void AddDocumentHit(const Snapshot& snapshot, const DocumentPlace& place, double score, bool exact,
                    std::vector<Hit>& hits) {
  const SnapshotContent& content = snapshot.content();
  const std::string& record_id =
      place.in_record ? content.records[place.row].record_id : content.documents[place.row].record_id;
  auto hit = std::find_if(hits.begin(), hits.end(), [&](const Hit& known) { return known.record_id == record_id; });
  if (hit == hits.end()) hit = hits.insert(hits.end(), Hit{content.base, record_id});
  std::string how = "document number: exact";
  if (!exact) how = "document number: equal but for characters that look alike";
  hit->matched.insert(hit->matched.begin(), how);
  if (score == kDocumentExact) hit->matched.insert(hit->matched.begin() + 1, "document issuer: agrees");
  const Band band = !exact ? Band::kWeak : score == kDocumentExact ? Band::kIdentity : Band::kPossible;
  if (score > hit->score) {
    hit->score = score;
    hit->band = std::min(hit->band, band);
  }
  if (!place.in_record) hit->document_status = content.documents[place.row].status;
}

void SearchDocument(const DocumentQuery& document, const Snapshot& snapshot, std::vector<Hit>& hits) {
  const NumberQuery query = {CanonicalDocumentNumber(document.number), CanonicalIssuer(document.issuer),
                             CanonicalDocumentType(document.type)};
  if (query.number.empty()) return;
  for (const DocumentPlace& place : snapshot.FindNumber(query.number)) {
    const double score = ScoreDocument(query, snapshot.DocumentAt(place));
    if (score >= 0) AddDocumentHit(snapshot, place, score, true, hits);
  }
  for (const DocumentPlace& place : snapshot.FindConfused(ConfusionKey(query.number))) {
    const ListedDocument& listed = snapshot.DocumentAt(place);
    if (CanonicalDocumentNumber(listed.number) == query.number) continue;
    if (ScoreDocument(query, listed) == kDocumentExact) {
      AddDocumentHit(snapshot, place, kDocumentConfused, false, hits);
    }
  }
}

// What of the query a base is asked, and what of it the base can be asked.
struct Question {
  Question(const Traveller& traveller, const Base& base)
      : named(traveller.named), numbered(traveller.query.document.has_value()) {
    const bool holds_persons = base.snapshot == nullptr ? base.holds_persons : base.snapshot->has_persons();
    const bool holds_documents = base.snapshot == nullptr ? base.holds_documents : base.snapshot->has_documents();
    by_name = named && holds_persons;
    by_document = numbered && holds_documents;
    const bool persons_required = named && base.required_for_persons;
    const bool documents_required = numbered && base.required_for_documents;
    required = persons_required || documents_required;
    if (documents_required) lacking = LackOf(ListKind::kDocuments, base);
    if (const std::string persons = LackOf(ListKind::kPersons, base); persons_required && !persons.empty()) {
      lacking = persons;
    }
  }

  bool named;
  bool numbered;
  bool by_name = false;
  bool by_document = false;
  bool required = false;
  std::string lacking;  // a required kind that the base does not hold
};

void Search(const Traveller& traveller, const Question& question, const Snapshot& snapshot,
            const ScreenOptions& options, std::vector<Hit>& hits) {
  if (question.by_name) SearchNames(traveller, snapshot, options, hits);
  if (question.by_document) SearchDocument(*traveller.query.document, snapshot, hits);
  std::stable_sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) { return a.score > b.score; });
}

// Nothing was found by name: was all of it compared?
void MissWhatTheNameLacks(const Traveller& traveller, const Question& question, BaseAnswer& answer) {
  if (traveller.unsearchable()) {
    // What was asked by document was searched all the same.
    answer.status = question.by_document ? BaseStatus::kPartlySearched : BaseStatus::kUnsearchable;
    answer.reason = traveller.forms.empty() ? "the name has no letters that can be searched"
                                            : "the name is single letters, which cannot be searched";
  } else if (const std::string left_out = traveller.left_out(); !left_out.empty()) {
    answer.status = BaseStatus::kPartlySearched;
    answer.reason = left_out;
  }
}

BaseAnswer ScreenBase(const Traveller& traveller, const Base& base, const ScreenOptions& options) {
  const Question question(traveller, base);
  BaseAnswer answer;
  answer.base = base.name;
  answer.required = question.required;
  if (base.snapshot != nullptr) {
    const SnapshotContent& content = base.snapshot->content();
    answer.version = content.version;
    answer.published = content.published;
    answer.imported_at = content.imported_at;
    answer.confirmed_at = base.confirmed_at;
    if (base.confirmed_at.has_value()) answer.age = std::max(options.now - *base.confirmed_at, absl::ZeroDuration());
  }
  const auto missing = [&answer](BaseStatus status, std::string reason) {
    answer.status = status;
    answer.reason = std::move(reason);
  };
  if (!question.by_name && !question.by_document && !question.required) {
    missing(BaseStatus::kNotSearched, "the query has nothing this base is searched by");
    return answer;
  }
  if (base.snapshot == nullptr) {
    missing(BaseStatus::kError, base.fault.empty() ? "the base is not loaded" : base.fault);
    return answer;
  }
  Search(traveller, question, *base.snapshot, options, answer.hits);
  const bool hit = std::any_of(answer.hits.begin(), answer.hits.end(), [](const Hit& found) {
    return found.band == Band::kIdentity || found.band == Band::kPossible;
  });
  answer.status = hit ? BaseStatus::kHit : BaseStatus::kNoHit;
  // The gravest of what is missing is the last that is said.
  if (question.by_name && !hit) MissWhatTheNameLacks(traveller, question, answer);
  if (answer.age > options.max_age) missing(BaseStatus::kStale, "the data is older than allowed");
  if (!answer.confirmed_at.has_value() && options.max_age < absl::InfiniteDuration()) {
    missing(BaseStatus::kStale, "the list carries no date, and nobody has confirmed that it is current");
  }
  if (answer.confirmed_at.has_value() && IsYetToCome(*answer.confirmed_at, options.now)) {
    missing(BaseStatus::kStale, "it was confirmed at a time that is yet to come: its age is not known");
  }
  if (!question.lacking.empty()) missing(BaseStatus::kError, question.lacking);
  if (!base.fault.empty()) missing(BaseStatus::kError, base.fault);
  return answer;
}

}  // namespace

std::string LackOf(ListKind kind, const Base& base) {
  const bool persons = kind == ListKind::kPersons;
  if (base.snapshot == nullptr || !(persons ? base.required_for_persons : base.required_for_documents)) return "";
  const std::string required = absl::StrCat("it is required for ", Text(ListKindName(kind)), " and holds ");
  const std::string& format = base.snapshot->content().format;
  if (KindOfFormat(format) != kind) return absl::StrCat(required, "a list of another kind (", format, ")");
  if (!(persons ? base.snapshot->has_persons() : base.snapshot->has_documents())) return absl::StrCat(required, "none");
  return "";
}

absl::Status CheckQuery(const Query& query) {
  const auto too_long = [](std::string_view field) {
    return absl::InvalidArgumentError(absl::StrCat(Text(field), ": over 1024 bytes"));
  };
  if (query.name.size() > names::kMaxNameBytes) return too_long("name");
  if (query.primary.size() > names::kMaxNameBytes) return too_long("primary");
  if (query.secondary.size() > names::kMaxNameBytes) return too_long("secondary");
  if (query.mrz_name.size() > names::kMaxNameBytes) return too_long("mrz_name");
  if (query.nationality.size() > names::kMaxNameBytes) return too_long("nationality");
  const bool named = !(query.name + query.primary + query.secondary + query.mrz_name).empty();
  if (!named && !query.document.has_value()) {
    return absl::InvalidArgumentError("name: neither a name nor a document is given");
  }
  if (query.document.has_value() && CanonicalDocumentNumber(query.document->number).empty()) {
    return absl::InvalidArgumentError("document.number: not 1 to 64 letters and digits");
  }
  return absl::OkStatus();
}

std::string_view BandName(Band band) {
  switch (band) {
    case Band::kIdentity:
      return "identity";
    case Band::kPossible:
      return "possible";
    case Band::kWeak:
      return "weak";
    case Band::kBelow:
      return "below";
  }
  return "";
}

std::string_view BaseStatusName(BaseStatus status) {
  switch (status) {
    case BaseStatus::kHit:
      return "hit";
    case BaseStatus::kNoHit:
      return "no_hit";
    case BaseStatus::kNotSearched:
      return "not_searched";
    case BaseStatus::kError:
      return "error";
    case BaseStatus::kStale:
      return "stale";
    case BaseStatus::kUnsearchable:
      return "unsearchable";
    case BaseStatus::kPartlySearched:
      return "partly_searched";
  }
  return "";
}

std::vector<BaseAnswer> Screen(const Query& query, const std::vector<Base>& bases, const ScreenOptions& options) {
  const Traveller traveller(query);
  std::vector<BaseAnswer> answers;
  answers.reserve(bases.size());
  for (const Base& base : bases) answers.push_back(ScreenBase(traveller, base, options));
  return answers;
}

}  // namespace gatehouse::watchlist
