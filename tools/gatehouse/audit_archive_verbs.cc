// gatehouse audit archive --dir DIR --to ARCHIVE --before DATE --certificate PEM --key PEM
// gatehouse audit destroy --dir ARCHIVE --before DATE --certificate PEM --key PEM [--keys DIR]
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "libs/audit/archive.h"
#include "libs/audit/lookup_keys.h"
#include "libs/seal/signed_text.h"
#include "tools/gatehouse/audit_verbs.h"
#include "tools/gatehouse/progress_bar.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

struct ArchiveFlags {
  std::string dir;
  std::string to;
  std::string before;
  std::string certificate;
  std::string key;
  std::string keys;
};

void PrintArchived(Context& context, const ArchiveFlags& flags, const audit::Archived& archived,
                   const std::vector<std::string>& keys) {
  if (context.json) {
    *context.out << JsonLine({{"dir", flags.dir},
                              {"to", flags.to},
                              {"segments", archived.segments},
                              {"leaves", archived.leaves},
                              {"last_segment", archived.last_segment},
                              {"head", archived.head},
                              {"destroyed_keys", keys}})
                 << "\n";
    return;
  }
  *context.out << archived.segments << " segments, " << archived.leaves << " leaves "
               << (flags.to.empty() ? "destroyed" : "archived") << "\n";
  if (!keys.empty()) *context.out << "destroyed look-up keys: " << absl::StrJoin(keys, ", ") << "\n";
  if (!archived.head.empty()) *context.out << "head of what was taken " << archived.head << "\n";
}

void TakeSegments(Context& context, const ArchiveFlags& flags) {
  absl::Time before;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d", flags.before, absl::UTCTimeZone(), &before, &error)) {
    return context.Fail(absl::InvalidArgumentError("--before: YYYY-MM-DD"));
  }
  const auto signer = seal::TextSigner::Read(flags.certificate, flags.key);
  if (!signer.ok()) return context.Fail(signer.status());
  absl::StatusOr<audit::Archived> archived;
  {
    ProgressBar bar(context);
    archived = audit::Archive({.folder = flags.dir,
                               .archive = flags.to,
                               .before = before,
                               .now = absl::Now(),
                               .sign = [&](std::string_view text) { return (*signer)->Sign("json", text); },
                               .progress = [&](size_t done, size_t total) { bar.Show("taking", done, total); }});
  }
  if (!archived.ok()) {
    // A folder that cannot be read or written is bad input, as no service is called.
    const bool system = absl::IsUnavailable(archived.status());
    return context.Fail(system ? absl::InvalidArgumentError(archived.status().message()) : archived.status());
  }
  std::vector<std::string> keys;
  if (!flags.keys.empty()) {
    absl::StatusOr<std::vector<std::string>> destroyed = audit::DestroyLookupKeys(flags.keys, before);
    if (!destroyed.ok()) return context.Fail(absl::InvalidArgumentError(destroyed.status().message()));
    keys = *std::move(destroyed);
  }
  PrintArchived(context, flags, *archived, keys);
}

CLI::App* AddTaking(CLI::App& audit, Context& context, const std::string& name, const std::string& description,
                    const std::shared_ptr<ArchiveFlags>& flags) {
  CLI::App* verb = AddVerb(audit, name, description);
  verb->add_option("--dir", flags->dir, "The audit folder")->required();
  verb->add_option("--before", flags->before, "Segments that were closed before this day (UTC)")->required();
  verb->add_option("--certificate", flags->certificate, "Of the signer of what was taken, PEM")->required();
  verb->add_option("--key", flags->key, "The P-256 key of it, PEM")->required();
  verb->callback([&context, flags] { TakeSegments(context, *flags); });
  return verb;
}

}  // namespace

void AddAuditArchiveVerbs(CLI::App& audit, Context& context) {
  auto archive = std::make_shared<ArchiveFlags>();
  AddTaking(audit, context, "archive", "Move closed segments to an archive; the chain goes on to hold", archive)
      ->add_option("--to", archive->to, "The archive; the same one each time")
      ->required();
  auto destroy = std::make_shared<ArchiveFlags>();
  AddTaking(audit, context, "destroy", "Destroy closed segments whose retention is over, and their look-up keys",
            destroy)
      ->add_option("--keys", destroy->keys,
                   "Folder of the look-up keys: those of quarters that had ended are destroyed");
}

}  // namespace gatehouse::cli
