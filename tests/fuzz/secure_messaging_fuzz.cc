// Any bytes as a protected response to a terminal and as a protected command to a chip, under every cipher. Nobody but
// the holder of the keys makes a checksum that fits, so nothing may be opened; and what was wrapped is opened again as
// it was.
#include <cstdlib>

#include "libs/emrtd/access/secure_messaging.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::emrtd::access;

void Check(emrtd::Cipher cipher, Bytes bytes) {
  static constexpr uint8_t kSecret[] = {1, 2, 3, 4};
  SecureMessaging terminal(DeriveSessionKeys(cipher, kSecret)), chip(DeriveSessionKeys(cipher, kSecret));
  if (const auto response = DecodeResponse(bytes); response.ok()) {
    if (terminal.UnwrapResponse(*response).ok() || terminal.alive()) std::abort();
  }
  if (const auto command = DecodeCommand(bytes); command.ok()) {
    if (chip.UnwrapCommand(*command).ok() || chip.alive()) std::abort();
    SecureMessaging sender(DeriveSessionKeys(cipher, kSecret)), receiver(DeriveSessionKeys(cipher, kSecret));
    Command plain = *command;
    plain.cla = 0;
    const auto wrapped = sender.WrapCommand(plain);
    if (!wrapped.ok()) return;
    const auto opened = receiver.UnwrapCommand(DecodeCommand(Encode(*wrapped)).value());
    if (!opened.ok() || opened->data != plain.data || opened->expected != plain.expected) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Check(static_cast<emrtd::Cipher>(data[0] % 4), Bytes(data + 1, size - 1));
  return 0;
}
