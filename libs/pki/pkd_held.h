// Which versions of the Public Key Directory are held, and whether a file may be taken onto them. Every collection has
// its own counter; collections that came together in one whole file, as in a dump that is not split, share one.
//
// A version is held when its file was taken, whatever became of its elements: what still waits for a second person goes
// on waiting, and what a person rejected is a decision about these elements, which a later delta does not undo and must
// not be stopped by. It comes back with a whole file.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libs/pki/pkd.h"

namespace gatehouse::pki {

class PkdHeld {
 public:
  // "1=9410 2=325", a shared counter "1+3=1017"; empty when nothing is held.
  std::string text() const;
  // INVALID_ARGUMENT for what text() never gives.
  static absl::StatusOr<PkdHeld> Parse(std::string_view text);

  std::optional<int64_t> version(PkdCollection collection) const;
  // The version that the collections of `file` are held at; the lowest of several.
  std::optional<int64_t> VersionOf(const PkdVersions& file) const;
  // OK when `file` may be taken now. FAILED_PRECONDITION as CheckFollows(), and for a delta without a whole file before
  // it.
  absl::Status MayTake(const PkdVersions& file) const;
  // A whole file makes its counter; an older one than what is held does not turn it back.
  void Take(const PkdVersions& file);

  friend bool operator==(const PkdHeld&, const PkdHeld&) = default;

 private:
  struct Counter {
    std::set<PkdCollection> collections;
    int64_t version = 0;
    friend bool operator==(const Counter&, const Counter&) = default;
  };
  const Counter* Find(PkdCollection collection) const;

  std::vector<Counter> counters_;
};

}  // namespace gatehouse::pki
