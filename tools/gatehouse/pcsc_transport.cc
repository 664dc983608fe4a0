#include "tools/gatehouse/pcsc_transport.h"

#include <winscard.h>

#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/access/apdu.h"

namespace gatehouse::cli {
namespace {

using emrtd::access::Bytes;
using emrtd::access::Octets;

absl::Status ToStatus(LONG code, const std::string& what) {
  const std::string text = absl::StrCat(what, ": ", pcsc_stringify_error(code));
  switch (code) {
    case SCARD_E_NO_SMARTCARD:
    case SCARD_E_UNKNOWN_READER:
    case SCARD_E_NO_READERS_AVAILABLE:
      return absl::NotFoundError(text);
    case SCARD_E_TIMEOUT:
      return absl::DeadlineExceededError(text);
    default:
      return absl::UnavailableError(text);
  }
}

// A connection to pcscd.
class Service {
 public:
  static absl::StatusOr<std::unique_ptr<Service>> Open() {
    SCARDCONTEXT context = 0;
    const LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context);
    if (code != SCARD_S_SUCCESS) return ToStatus(code, "pcscd");
    return std::unique_ptr<Service>(new Service(context));
  }
  ~Service() { SCardReleaseContext(context_); }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  absl::StatusOr<std::vector<CardReader>> Readers() const {
    DWORD size = 0;
    LONG code = SCardListReaders(context_, nullptr, nullptr, &size);
    if (code == SCARD_E_NO_READERS_AVAILABLE) return std::vector<CardReader>();
    if (code != SCARD_S_SUCCESS) return ToStatus(code, "list of readers");
    std::string names(size, '\0');
    code = SCardListReaders(context_, nullptr, names.data(), &size);
    if (code != SCARD_S_SUCCESS) return ToStatus(code, "list of readers");
    std::vector<CardReader> readers;
    // Names one after another, each ended by a zero, and an empty one at the end.
    for (size_t at = 0; at < names.size() && names[at] != '\0'; at += readers.back().name.size() + 1) {
      readers.push_back({.name = names.c_str() + at});
      SCARD_READERSTATE state{.szReader = readers.back().name.c_str(), .dwCurrentState = SCARD_STATE_UNAWARE};
      if (SCardGetStatusChange(context_, 0, &state, 1) == SCARD_S_SUCCESS) {
        readers.back().has_card = (state.dwEventState & SCARD_STATE_PRESENT) != 0;
      }
    }
    return readers;
  }
  SCARDCONTEXT context() const { return context_; }

 private:
  explicit Service(SCARDCONTEXT context) : context_(context) {}
  const SCARDCONTEXT context_;
};

absl::StatusOr<std::string> FindReader(const Service& service, const std::string& wanted) {
  GH_ASSIGN_OR_RETURN(const std::vector<CardReader> readers, service.Readers());
  std::vector<std::string> containing;
  for (const CardReader& reader : readers) {
    if (reader.name == wanted) return wanted;
    if (absl::StrContains(reader.name, wanted)) containing.push_back(reader.name);
  }
  if (containing.empty()) return absl::NotFoundError(absl::StrCat("there is no reader ", wanted));
  if (containing.size() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("several readers are called so: ", containing[0], ", ", containing[1]));
  }
  return containing[0];
}

}  // namespace

absl::StatusOr<std::vector<CardReader>> ListCardReaders() {
  GH_ASSIGN_OR_RETURN(const std::unique_ptr<Service> service, Service::Open());
  return service->Readers();
}

struct PcscTransport::Connection {
  std::unique_ptr<Service> service;
  SCARDHANDLE card = 0;
  DWORD protocol = 0;
  Octets answer_to_reset;
};

PcscTransport::PcscTransport(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

PcscTransport::~PcscTransport() { SCardDisconnect(connection_->card, SCARD_RESET_CARD); }

absl::StatusOr<std::unique_ptr<PcscTransport>> PcscTransport::Connect(const std::string& reader) {
  auto connection = std::make_unique<Connection>();
  GH_ASSIGN_OR_RETURN(connection->service, Service::Open());
  GH_ASSIGN_OR_RETURN(const std::string name, FindReader(*connection->service, reader));
  // Alone: no other program may speak in between once secure messaging has begun.
  LONG code = SCardConnect(connection->service->context(), name.c_str(), SCARD_SHARE_EXCLUSIVE,
                           SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &connection->card, &connection->protocol);
  if (code != SCARD_S_SUCCESS) return ToStatus(code, name);
  std::array<uint8_t, MAX_ATR_SIZE> atr;
  DWORD atr_size = atr.size(), name_size = 0, state = 0, protocol = 0;
  code = SCardStatus(connection->card, nullptr, &name_size, &state, &protocol, atr.data(), &atr_size);
  if (code == SCARD_S_SUCCESS) connection->answer_to_reset.assign(atr.begin(), atr.begin() + atr_size);
  return std::unique_ptr<PcscTransport>(new PcscTransport(std::move(connection)));
}

absl::StatusOr<Octets> PcscTransport::Transmit(Bytes command) {
  Octets response(emrtd::access::kMaxResponseBytes);
  DWORD size = response.size();
  const SCARD_IO_REQUEST* protocol = connection_->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
  const LONG code =
      SCardTransmit(connection_->card, protocol, command.data(), command.size(), nullptr, response.data(), &size);
  if (code != SCARD_S_SUCCESS) return ToStatus(code, "chip");
  response.resize(size);
  return response;
}

Octets PcscTransport::AnswerToReset() const { return connection_->answer_to_reset; }

}  // namespace gatehouse::cli
