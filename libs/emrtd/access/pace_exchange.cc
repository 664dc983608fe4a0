#include "libs/emrtd/access/pace_exchange.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/access/general_authenticate.h"

namespace gatehouse::emrtd::access {
namespace {

constexpr size_t kMaxReferenceBytes = 16;
// Points and the MODP group of 1024 bits fit a short answer with their heads.
constexpr size_t kMaxShortElementBytes = 240;

absl::Status SelectProtocol(Channel& channel, const PaceRun& run) {
  const Command command{.ins = ins::kManageSecurityEnvironment, .p1 = 0xC1, .p2 = 0xA4, .data = EncodePaceSetAt(run)};
  GH_ASSIGN_OR_RETURN(const Response response, channel.Send(command));
  // 63Cx is a warning: so many tries are left. The last one is the bearer's.
  const bool warns = Sw1(response.status) == 0x63 && (Sw2(response.status) & 0xF0) == 0xC0;
  if (warns && (Sw2(response.status) & 0x0F) > 1) return absl::OkStatus();
  return StatusOf(response, "PACE MSE:SET AT");
}

absl::StatusOr<Bytes> Need(const DynamicData& data, uint32_t tag) {
  const std::optional<Bytes> value = data.Find(tag);
  if (!value) return pki::Malformed(absl::StrCat("DO ", absl::Hex(tag)), "is missing in the chip's answer");
  return *value;
}

class Exchange {
 public:
  Exchange(Channel& channel, const PaceRun& run)
      : channel_(channel), long_answers_(run.protocol.group->element_bytes() > kMaxShortElementBytes) {}

  absl::StatusOr<DynamicData> Step(DynamicData data, bool last, std::string_view what) {
    return GeneralAuthenticate(channel_, {std::move(data), last, long_answers_}, what);
  }

 private:
  Channel& channel_;
  const bool long_answers_;
};

}  // namespace

Octets EncodePaceSetAt(const PaceRun& run) {
  const uint8_t password[] = {static_cast<uint8_t>(run.password.kind)};
  Octets data = Join({EncodeTlv(0x80, run.protocol.identifier), EncodeTlv(0x83, password)});
  if (run.send_parameter_id && run.protocol.parameter_id) {
    const uint8_t parameter[] = {static_cast<uint8_t>(*run.protocol.parameter_id)};
    Append(data, EncodeTlv(0x84, parameter));
  }
  return data;
}

absl::StatusOr<PaceEstablished> RunPace(Channel& channel, const PaceRun& run, base::Random& random) {
  GH_RETURN_IF_ERROR(SelectProtocol(channel, run));
  PaceTerminal terminal(run.protocol, run.password, random);
  Exchange exchange(channel, run);

  GH_ASSIGN_OR_RETURN(const DynamicData nonce, exchange.Step({}, false, "PACE encrypted nonce"));
  GH_ASSIGN_OR_RETURN(const Bytes encrypted, Need(nonce, 0x80));
  GH_RETURN_IF_ERROR(terminal.SetNonce(encrypted));

  GH_ASSIGN_OR_RETURN(const DynamicData mapping,
                      exchange.Step({{{0x81, terminal.MappingData()}}}, false, "PACE map nonce"));
  Bytes mapping_data;
  if (run.protocol.mapping != PaceMapping::kIntegrated) {
    GH_ASSIGN_OR_RETURN(mapping_data, Need(mapping, 0x82));
  }
  GH_RETURN_IF_ERROR(terminal.SetMappingData(mapping_data));

  GH_ASSIGN_OR_RETURN(const DynamicData agreement,
                      exchange.Step({{{0x83, terminal.EphemeralKey()}}}, false, "PACE key agreement"));
  GH_ASSIGN_OR_RETURN(const Bytes chip_key, Need(agreement, 0x84));
  GH_RETURN_IF_ERROR(terminal.SetEphemeralKey(chip_key));

  GH_ASSIGN_OR_RETURN(const DynamicData authentication,
                      exchange.Step({{{0x85, terminal.Token()}}}, true, "PACE mutual authentication"));
  GH_ASSIGN_OR_RETURN(const Bytes token, Need(authentication, 0x86));
  PaceEstablished established;
  GH_ASSIGN_OR_RETURN(established.result, terminal.Finish(token, authentication.Find(0x8A).value_or(Bytes())));
  for (const uint32_t tag : {0x87u, 0x88u}) {
    const std::optional<Bytes> reference = authentication.Find(tag);
    if (reference && reference->size() <= kMaxReferenceBytes) {
      established.authority_references.emplace_back(pki::AsText(*reference));
    }
  }
  channel.Protect(established.result.keys);
  return established;
}

}  // namespace gatehouse::emrtd::access
