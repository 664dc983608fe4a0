// A hostile chip: any bytes as its answers, one after another, to everything the reader sends. Each answer is a length
// octet and that many bytes; the bits of the first byte choose what the reader has to work with. The reader must end,
// in a bounded number of commands, with nothing it could not have had: no file without answers, no authentication. The
// data objects of PACE and Chip Authentication, EF.CVCA and the ATR are read from the same bytes.
#include <cstdlib>

#include "libs/emrtd/access/general_authenticate.h"
#include "libs/emrtd/access/pace_exchange.h"
#include "libs/emrtd/access/reader.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::emrtd::access;

class Counter : public base::Random {
 public:
  void Fill(uint8_t* data, size_t size) override {
    for (size_t i = 0; i < size; ++i) data[i] = ++next_;
  }

 private:
  uint8_t next_ = 0;
};

class HostileChip : public Transport {
 public:
  explicit HostileChip(Bytes answers) : answers_(answers) {}
  absl::StatusOr<Octets> Transmit(Bytes) override {
    if (++commands_ > 200'000) std::abort();
    if (answers_.empty()) return absl::UnavailableError("no answer is left");
    const size_t size = std::min<size_t>(answers_[0], answers_.size() - 1);
    const Octets answer = Copy(answers_.subspan(1, size));
    answers_ = answers_.subspan(1 + size);
    return answer;
  }
  Octets AnswerToReset() const override { return Copy(answers_.first(std::min<size_t>(answers_.size(), 12))); }

 private:
  Bytes answers_;
  int commands_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const uint8_t choice = data[0];
  const Bytes answers(data + 1, size - 1);
  (void)DecodeDynamicData(answers);
  (void)ReadCvca(answers);
  (void)SaysExtendedLength(answers);
  (void)ReadLongestResponse(answers);
  (void)DecodeCommand(answers);

  Counter random;
  HostileChip chip(answers);
  if ((choice & 1) != 0) {  // straight into PACE
    static constexpr int kGroups[] = {0, 8, 12, 13, 18};
    const Group* group = Group::Find(kGroups[choice / 8 % 5]);
    Channel channel(chip);
    const PaceProtocol protocol{.identifier = {4, 0},
                                .mapping = static_cast<emrtd::PaceMapping>(choice / 2 % (group->elliptic() ? 3 : 2)),
                                .cipher = emrtd::Cipher::kAes128,
                                .group = group};
    if (RunPace(channel, {protocol, {PasswordKind::kCan, base::Redacted<std::string>("123456")}}, random).ok())
      std::abort();
    return 0;
  }
  AccessKeys keys;
  if ((choice & 2) != 0) {
    keys.passwords.push_back({PasswordKind::kMrz, base::Redacted<std::string>("L898902C<369080619406236")});
  }
  ReadOptions options;
  options.extended_length = (choice & 4) != 0;
  options.active_authentication_challenge = Octets(8);
  const DocumentReading reading = ReadDocument({chip, keys, options, random});
  if (reading.steps.size() != 10 || reading.chip_authentication || reading.chip_mapping) std::abort();
  if (!reading.access_protocol.empty()) std::abort();
  return 0;
}
