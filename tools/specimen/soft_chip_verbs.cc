#include "tools/specimen/soft_chip_verbs.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "libs/base/clock.h"
#include "tools/specimen/soft_chip_folder.h"
#include "tools/specimen/soft_chip_maker.h"
#include "tools/specimen/vpcd_card.h"

namespace gatehouse::specimen {
namespace {

const std::map<std::string, emrtd::Cipher> kCiphers = {{"3des", emrtd::Cipher::kTripleDes},
                                                       {"aes_128", emrtd::Cipher::kAes128},
                                                       {"aes_192", emrtd::Cipher::kAes192},
                                                       {"aes_256", emrtd::Cipher::kAes256}};
const std::map<std::string, ActiveAuthenticationKind> kKinds = {{"none", ActiveAuthenticationKind::kNone},
                                                                {"rsa", ActiveAuthenticationKind::kRsa},
                                                                {"ecdsa", ActiveAuthenticationKind::kEcdsa}};

struct MakeArguments {
  SoftChipOptions options;
  std::string out, at, pace = "gm";
  bool no_bac = false, no_chip_authentication = false, no_fingerprints = false, short_lengths = false;
};

struct ServeArguments {
  std::string folder, host = "localhost";
  uint16_t port = kVpcdPort;
};

int Fail(const absl::Status& status) {
  std::cerr << "specimen: " << status.message() << "\n";
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ? 2 : 1;
}

int Make(MakeArguments arguments) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  arguments.options.at = absl::FromCivil(absl::ToCivilDay(base::SystemClock().Now(), utc), utc);
  std::string error;
  if (!arguments.at.empty() && !absl::ParseTime(absl::RFC3339_full, arguments.at, &arguments.options.at, &error)) {
    return Fail(absl::InvalidArgumentError("--at: " + error));
  }
  arguments.options.bac = !arguments.no_bac;
  arguments.options.chip_authentication = !arguments.no_chip_authentication;
  arguments.options.fingerprints = !arguments.no_fingerprints && arguments.options.chip_authentication;
  arguments.options.extended_length = !arguments.short_lengths;
  arguments.options.pace = arguments.pace == "none"  ? std::nullopt
                           : arguments.pace == "im"  ? std::optional(emrtd::PaceMapping::kIntegrated)
                           : arguments.pace == "cam" ? std::optional(emrtd::PaceMapping::kChipAuthentication)
                                                     : std::optional(emrtd::PaceMapping::kGeneric);
  const absl::Status made = MakeSoftChip(arguments.options, arguments.out);
  return made.ok() ? 0 : Fail(made);
}

int Serve(const ServeArguments& arguments) {
  absl::StatusOr<SoftChipContents> contents = ReadSoftChip(arguments.folder);
  if (!contents.ok()) return Fail(contents.status());
  SoftChip chip(*std::move(contents), base::SystemRandom());
  const absl::Status served = ServeAsCard(chip, arguments.host, arguments.port);
  return served.ok() ? 0 : Fail(served);
}

}  // namespace

void AddSoftChipVerbs(CLI::App& app, std::function<int()>& run) {
  CLI::App* make = app.add_subcommand("soft-chip", "a document with a software chip, its clone and a terminal");
  auto arguments = std::make_shared<MakeArguments>();
  make->add_option("--out", arguments->out, "folder to make")->required();
  make->add_option("--seed", arguments->options.seed, "the same seed makes the same chip");
  make->add_option("--at", arguments->at, "the day, RFC 3339 (default: today 00:00 UTC)");
  make->add_option("--pace", arguments->pace, "mapping of PACE")->check(CLI::IsMember({"none", "gm", "im", "cam"}));
  make->add_option("--group", arguments->options.group, "standardised domain parameters: 0-2, 8-18");
  make->add_option("--cipher", arguments->options.cipher, "of PACE")->transform(CLI::CheckedTransformer(kCiphers));
  make->add_option("--ca-cipher", arguments->options.chip_authentication_cipher, "of Chip Authentication")
      ->transform(CLI::CheckedTransformer(kCiphers));
  make->add_option("--active-authentication", arguments->options.active_authentication, "kind of key")
      ->transform(CLI::CheckedTransformer(kKinds));
  make->add_flag("--no-bac", arguments->no_bac, "PACE only");
  make->add_flag("--no-chip-authentication", arguments->no_chip_authentication, "no key in DG14");
  make->add_flag("--short-lengths", arguments->short_lengths, "no extended lengths: chains of commands");
  make->add_flag("--no-fingerprints", arguments->no_fingerprints, "no DG3 and no Terminal Authentication");
  make->callback([&run, arguments] { run = [arguments] { return Make(*arguments); }; });

  CLI::App* serve =
      app.add_subcommand("serve-chip", "a software chip as the card in a virtual reader, until it closes");
  auto where = std::make_shared<ServeArguments>();
  serve->add_option("DIR", where->folder, "folder of the chip")->required();
  serve->add_option("--host", where->host, "of the virtual reader (vpcd)")->capture_default_str();
  serve->add_option("--port", where->port, "of the virtual reader")->capture_default_str();
  serve->callback([&run, where] { run = [where] { return Serve(*where); }; });
}

}  // namespace gatehouse::specimen
