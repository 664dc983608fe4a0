#include "libs/emrtd/access/reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/access/document_access.h"
#include "libs/emrtd/security_object.h"

namespace gatehouse::emrtd::access {
namespace {

constexpr int kExtendedResponseBytes = 2048;  // where the chip says no number
constexpr int kMinExtendedResponseBytes = 512;
// A DG15 with an RSA key whose signature may not fit a short protected response.
constexpr size_t kLongKeyFileBytes = 250;
constexpr size_t kMaxSecurityInfosKeys = 16;
constexpr int kMaxRecoveries = 3;

std::string Text(const absl::Status& status) { return std::string(status.message()); }

// What became of something that was attempted.
Tr03135State StateOfAttempt(const absl::Status& status) {
  if (status.ok()) return Tr03135State::kSuccessful;
  if (IsLost(status) || absl::IsCancelled(status)) return Tr03135State::kAborted;
  // Something that was needed is not there, or not built: nothing was shown and nothing refuted.
  const bool missing = absl::IsNotFound(status) || absl::IsUnimplemented(status);
  return missing ? Tr03135State::kUndetermined : Tr03135State::kFailed;
}

// What became of a proof that the chip owes. A chip that refuses it, by whatever status word, has not given it: what
// EF.SOD lists it must be able to do. Only what we did not ask says nothing about the chip.
Tr03135State StateOfProof(const absl::Status& status) {
  if (absl::IsUnimplemented(status)) return Tr03135State::kUndetermined;
  return absl::IsNotFound(status) ? Tr03135State::kFailed : StateOfAttempt(status);
}

class DocumentReader {
 public:
  explicit DocumentReader(const ReadInput& input)
      : input_(input),
        channel_(input.transport),
        access_(channel_, input.keys, input.random),
        files_(channel_, input.options.progress) {}

  DocumentReading Run();

 private:
  bool stopped() const { return reading_.connection_lost || cancelled_; }
  void Record(ReadStep step, Tr03135State state, std::string detail) {
    reading_.steps.push_back({step, state, std::move(detail)});
  }
  void RecordAttempt(ReadStep step, const absl::Status& status, std::string_view success);
  void RecordProof(ReadStep step, const absl::Status& status);
  void Note(const absl::Status& status);
  void RecoverSession();
  bool ShortenLengths();

  // The file's octets when it is whole, now or from the earlier reading.
  std::optional<Bytes> ReadFile(const ElementaryFile& file);
  void ChooseLengths();
  void OpenAccess();
  void CheckMapping();
  void ReadList();
  bool Wants(int number) const;
  bool Lists(int number) const;
  void AuthenticateChip();
  void AnswerChallenge();
  void AuthenticateTerminal();
  void ReadDataGroups();

  const ReadInput input_;
  Channel channel_;
  DocumentAccess access_;
  FileReader files_;
  DocumentReading reading_;
  size_t read_bytes_ = 0;
  int recoveries_ = 0;
  bool cancelled_ = false;
  bool in_application_ = false;
  bool terminal_authenticated_ = false;
  bool all_whole_ = true;
};

void DocumentReader::Note(const absl::Status& status) {
  reading_.connection_lost |= IsLost(status);
  cancelled_ |= absl::IsCancelled(status);
}

// The way in once more after secure messaging broke: what was authenticated in the lost session is gone.
void DocumentReader::RecoverSession() {
  if (channel_.alive() || stopped() || recoveries_ == kMaxRecoveries) return;
  ++recoveries_;
  terminal_authenticated_ = false;
  Note(access_.Repeat());
}

// True when what failed may be asked again: it was too long for a chip that says nothing of its lengths, or not the
// truth. Files are read in short ones from then on too.
bool DocumentReader::ShortenLengths() {
  if (!channel_.refused_extended_length()) return false;
  channel_.UseShortLengths();
  files_.SetLimits({});
  RecoverSession();
  return !stopped() && channel_.alive();
}

void DocumentReader::RecordAttempt(ReadStep step, const absl::Status& status, std::string_view success) {
  Note(status);
  Record(step, StateOfAttempt(status), status.ok() ? std::string(success) : Text(status));
}

void DocumentReader::RecordProof(ReadStep step, const absl::Status& status) {
  Note(status);
  Record(step, StateOfProof(status), Text(status));
}

std::optional<Bytes> DocumentReader::ReadFile(const ElementaryFile& file) {
  const auto found = std::find_if(reading_.files.begin(), reading_.files.end(),
                                  [&](const FileRecord& record) { return record.name == file.name; });
  if (found != reading_.files.end() && found->whole) return Bytes(found->octets);
  const FileRecord* earlier = input_.options.earlier != nullptr ? input_.options.earlier->Find(file.name) : nullptr;
  FileRecord record{.name = std::string(file.name)};
  if (found != reading_.files.end()) {
    record = std::move(*found);
    reading_.files.erase(found);
  } else if (earlier != nullptr) {
    record = *earlier;
  }
  if (!record.whole && read_bytes_ > kMaxDocumentBytes) {
    record.detail = "the document is longer than the limit";
  } else if (!record.whole) {
    const size_t before = record.octets.size();
    FileContents contents = files_.Read(file, std::move(record.octets));
    Note(contents.status);
    read_bytes_ += contents.octets.size() - std::min(before, contents.octets.size());
    record.octets = std::move(contents.octets);
    record.whole = contents.status.ok();
    record.detail = Text(contents.status);
  }
  reading_.files.push_back(std::move(record));
  const FileRecord& kept = reading_.files.back();
  return kept.whole ? std::optional<Bytes>(kept.octets) : std::nullopt;
}

// Before any access protocol: a chip under secure messaging ends it when a length does not suit it.
void DocumentReader::ChooseLengths() {
  if (!input_.options.extended_length) return channel_.UseShortLengths();
  const FileContents info = files_.Read(file::kAtrInfo);
  Note(info.status);
  const std::optional<int> longest = ReadLongestResponse(info.octets);
  if (longest ? *longest >= kMinExtendedResponseBytes : SaysExtendedLength(channel_.answer_to_reset())) {
    files_.SetLimits({.extended = true, .response_bytes = longest.value_or(kExtendedResponseBytes)});
  } else if (SaysCommandChaining(channel_.answer_to_reset())) {
    // It says what it can do, and extended lengths are not among it. A chip that says nothing gets them all the same
    // where something is too long otherwise: most have them, and the others say 6700.
    channel_.UseShortLengths();
  }
}

// PACE, else BAC, else as the chip is. Ends in the application when that can be.
void DocumentReader::OpenAccess() {
  Note(SelectMasterFile(channel_));
  if (!stopped()) ChooseLengths();
  if (stopped()) return;
  const std::optional<Bytes> card_access = ReadFile(file::kCardAccess);
  const bool offers_pace = card_access.has_value();
  if (!stopped()) {
    Record(ReadStep::kCardAccess, offers_pace ? Tr03135State::kSuccessful : Tr03135State::kNotSupported,
           reading_.files.back().detail);
  }
  absl::Status pace = absl::NotFoundError("the chip offers no PACE");
  if (offers_pace) {
    const absl::StatusOr<SecurityInfos> infos = ReadCardAccess(*card_access);
    pace = infos.ok() ? access_.TryPace(*infos) : infos.status();
    if (infos.ok() && !pace.ok() && ShortenLengths()) pace = access_.TryPace(*infos);
    RecordAttempt(ReadStep::kPace, pace, access_.protocol());
  } else if (!stopped()) {
    Record(ReadStep::kPace, Tr03135State::kNotSupported, "no EF.CardAccess");
  }
  if (stopped()) return;
  if (pace.ok()) {
    CheckMapping();
  } else {
    channel_.Clear();
  }
  if (stopped()) return;
  const absl::Status selected = access_.SelectApplication();
  RecordAttempt(ReadStep::kApplication, selected, "");
  in_application_ = selected.ok();
  if (pace.ok()) return Record(ReadStep::kBac, Tr03135State::kUndetermined, "not needed after PACE");
  if (!in_application_) return;
  const absl::Status bac = access_.TryBac();
  RecordAttempt(ReadStep::kBac, bac, "");
}

// The chip's mapping key against the static keys of EF.CardSecurity, in the master file.
void DocumentReader::CheckMapping() {
  reading_.chip_mapping = access_.pace()->result.mapping;
  if (!reading_.chip_mapping) {
    return Record(ReadStep::kChipMapping, Tr03135State::kNotSupported, "PACE was by another mapping");
  }
  const std::optional<Bytes> card_security = ReadFile(file::kCardSecurity);
  const auto check = [&]() -> absl::Status {
    if (!card_security) return absl::NotFoundError("EF.CardSecurity cannot be read");
    GH_ASSIGN_OR_RETURN(const pki::SignedData data, pki::ReadSignedData(*card_security, {}));
    GH_ASSIGN_OR_RETURN(const SecurityInfos infos, ReadSecurityInfos(data.content, "EF.CardSecurity"));
    absl::Status last = absl::NotFoundError("EF.CardSecurity has no key for chip authentication");
    const size_t count = std::min(infos.chip_authentication_keys.size(), kMaxSecurityInfosKeys);
    for (size_t i = 0; i < count; ++i) {
      last = VerifyChipAuthenticationMapping(*reading_.chip_mapping, infos.chip_authentication_keys[i].key);
      if (last.ok()) break;
    }
    return last;
  };
  if (!stopped()) RecordAttempt(ReadStep::kChipMapping, check(), "fits a key of EF.CardSecurity");
}

bool DocumentReader::Lists(int number) const {
  return std::find(reading_.data_groups.begin(), reading_.data_groups.end(), number) != reading_.data_groups.end();
}

bool DocumentReader::Wants(int number) const {
  const std::vector<int>& wanted = input_.options.data_groups;
  return Lists(number) && (wanted.empty() || std::find(wanted.begin(), wanted.end(), number) != wanted.end());
}

// EF.COM for the record, EF.SOD for the list: EF.COM is signed by nobody.
void DocumentReader::ReadList() {
  all_whole_ &= ReadFile(file::kCom).has_value();
  if (stopped()) return;
  const std::optional<Bytes> file = ReadFile(file::kSecurityObject);
  if (!file) {
    all_whole_ = false;
    Record(ReadStep::kSecurityObject, stopped() ? Tr03135State::kAborted : Tr03135State::kFailed,
           reading_.files.back().detail);
    return;
  }
  const absl::StatusOr<SecurityObject> object = ReadSecurityObject(*file);
  const absl::Status status = !object.ok() ? object.status() : object->lds.status();
  if (status.ok()) {
    for (const auto& entry : object->lds->data_groups) reading_.data_groups.push_back(entry.number);
    std::sort(reading_.data_groups.begin(), reading_.data_groups.end());
  }
  RecordAttempt(ReadStep::kSecurityObject, status, "");
}

void DocumentReader::AuthenticateChip() {
  if (!Lists(14)) {
    return Record(ReadStep::kChipAuthentication, Tr03135State::kNotSupported, "EF.SOD lists no DG14");
  }
  const std::optional<Bytes> file = ReadFile(*file::DataGroup(14));
  if (stopped()) return;
  if (!file) return RecordProof(ReadStep::kChipAuthentication, absl::NotFoundError("the chip does not give its DG14"));
  const absl::StatusOr<SecurityInfos> infos = ReadDataGroup14(*file);
  if (!infos.ok()) return Record(ReadStep::kChipAuthentication, Tr03135State::kUndetermined, Text(infos.status()));
  const std::vector<ChipAuthenticationOffer> offers = infos->ChipAuthenticationOffers();
  if (offers.empty()) {
    return Record(ReadStep::kChipAuthentication, Tr03135State::kNotSupported, "DG14 has no key for it");
  }
  if (!input_.options.chip_authentication || !channel_.is_protected()) {
    return Record(ReadStep::kChipAuthentication, Tr03135State::kUndetermined, "not attempted");
  }
  // One key that the chip can use is enough; a key that it cannot use ends the session, and no other is tried. A key
  // that we cannot use takes nothing back of what the chip refused with another.
  absl::Status status = absl::UnimplementedError("no key was tried");
  for (const ChipAuthenticationOffer& offer : offers) {
    absl::StatusOr<ChipAuthenticationEvidence> evidence = RunChipAuthentication(channel_, offer, input_.random);
    if (!evidence.ok() && ShortenLengths()) evidence = RunChipAuthentication(channel_, offer, input_.random);
    if (!absl::IsUnimplemented(evidence.status()) || absl::IsUnimplemented(status)) status = evidence.status();
    if (evidence.ok()) reading_.chip_authentication = *std::move(evidence);
    if (status.ok() || !channel_.alive() || IsLost(status)) break;
  }
  RecordProof(ReadStep::kChipAuthentication, status);
  RecoverSession();
}

void DocumentReader::AnswerChallenge() {
  if (!Lists(15)) {
    return Record(ReadStep::kActiveAuthentication, Tr03135State::kNotSupported, "EF.SOD lists no DG15");
  }
  const std::optional<Bytes> file = ReadFile(*file::DataGroup(15));
  if (stopped()) return;
  const std::optional<Octets>& challenge = input_.options.active_authentication_challenge;
  if (!challenge) return Record(ReadStep::kActiveAuthentication, Tr03135State::kUndetermined, "no challenge was given");
  const bool long_answer = file && file->size() > kLongKeyFileBytes;
  const Command authenticate{.ins = ins::kInternalAuthenticate,
                             .data = *challenge,
                             .expected = long_answer ? kMaxExtendedExpected : kMaxShortExpected};
  absl::StatusOr<Octets> answer = SendExpectingSuccess(channel_, authenticate, "INTERNAL AUTHENTICATE");
  if (!answer.ok() && ShortenLengths()) {
    answer = SendExpectingSuccess(channel_, authenticate, "INTERNAL AUTHENTICATE");
  }
  if (!answer.ok()) {
    RecordProof(ReadStep::kActiveAuthentication, answer.status());
    RecoverSession();
    return;
  }
  reading_.active_authentication = ActiveAuthenticationExchange{*challenge, *std::move(answer)};
  Record(ReadStep::kActiveAuthentication, Tr03135State::kUndetermined, "answered; the signature is not checked here");
}

void DocumentReader::AuthenticateTerminal() {
  constexpr ReadStep kStep = ReadStep::kTerminalAuthentication;
  if (!Lists(3) && !Lists(4)) return Record(kStep, Tr03135State::kNotSupported, "EF.SOD lists neither DG3 nor DG4");
  if (input_.keys.terminal == nullptr) return Record(kStep, Tr03135State::kUndetermined, "no keys were given");
  if (!reading_.chip_authentication) {
    return Record(kStep, Tr03135State::kUndetermined, "not attempted without chip authentication");
  }
  TerminalAuthenticationInput input{.credentials = input_.keys.terminal,
                                    .chip_id = access_.chip_id(),
                                    .terminal_key = reading_.chip_authentication->terminal_key};
  if (access_.pace()) input.trust_points = access_.pace()->authority_references;
  absl::Status status;
  if (input.trust_points.empty()) {
    const FileContents cvca = files_.Read(file::kCvca);
    const auto names = cvca.status.ok() ? ReadCvca(cvca.octets) : cvca.status;
    status = names.status();
    if (names.ok()) input.trust_points = *names;
  }
  if (status.ok()) status = RunTerminalAuthentication(channel_, input);
  terminal_authenticated_ = status.ok();
  RecordAttempt(kStep, status, "");
}

void DocumentReader::ReadDataGroups() {
  // Fingerprints and irises last: a chip may end the session when they are asked for without the right.
  for (const bool sensitive : {false, true}) {
    for (const int number : reading_.data_groups) {
      if (stopped() || sensitive != (number == 3 || number == 4) || !Wants(number)) continue;
      if (sensitive && !terminal_authenticated_) continue;
      bool whole = ReadFile(*file::DataGroup(number)).has_value();
      if (!channel_.alive()) {
        RecoverSession();
        if (!sensitive) whole = ReadFile(*file::DataGroup(number)).has_value();
      }
      all_whole_ &= whole;
    }
  }
}

DocumentReading DocumentReader::Run() {
  OpenAccess();
  if (!stopped() && in_application_) ReadList();
  reading_.access_protocol = access_.protocol();
  if (!stopped() && !reading_.data_groups.empty()) {
    AuthenticateChip();
    if (!stopped()) AnswerChallenge();
    if (!stopped()) AuthenticateTerminal();
    if (!stopped()) ReadDataGroups();
    const bool done = all_whole_ && !stopped();
    Record(ReadStep::kFiles,
           done        ? Tr03135State::kSuccessful
           : stopped() ? Tr03135State::kAborted
                       : Tr03135State::kFailed,
           "");
  }
  // What was never reached is said too.
  for (int step = 0; step <= static_cast<int>(ReadStep::kFiles); ++step) {
    const auto is_it = [&](const StepRecord& record) { return record.step == static_cast<ReadStep>(step); };
    if (std::any_of(reading_.steps.begin(), reading_.steps.end(), is_it)) continue;
    Record(static_cast<ReadStep>(step), stopped() ? Tr03135State::kAborted : Tr03135State::kUndetermined,
           "not reached");
  }
  return std::move(reading_);
}

}  // namespace

std::string_view ToWord(ReadStep step) {
  static constexpr std::array<std::string_view, 10> kWords = {"card_access",
                                                              "pace",
                                                              "bac",
                                                              "chip_mapping",
                                                              "application",
                                                              "security_object",
                                                              "chip_authentication",
                                                              "active_authentication",
                                                              "terminal_authentication",
                                                              "files"};
  return kWords[static_cast<size_t>(step)];
}

const FileRecord* DocumentReading::Find(std::string_view name) const {
  for (const FileRecord& record : files) {
    if (record.name == name) return &record;
  }
  return nullptr;
}

Tr03135State DocumentReading::StateOf(ReadStep step) const {
  for (const StepRecord& record : steps) {
    if (record.step == step) return record.state;
  }
  return Tr03135State::kUndetermined;
}

DocumentReading ReadDocument(const ReadInput& input) { return DocumentReader(input).Run(); }

}  // namespace gatehouse::emrtd::access
