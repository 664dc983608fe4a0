#include "libs/pki/revocation.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace gatehouse::pki {
namespace {

std::string Day(absl::Time time) { return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone()); }

class Lists {
 public:
  Lists(const std::vector<HeldList>& lists, const Certificate& certificate, absl::Time time)
      : lists_(lists), certificate_(certificate), time_(time) {}

  RevocationAnswer Answer() const {
    RevocationAnswer answer;
    for (const HeldList& list : lists_) NotePartial(*list.crl, answer);
    // What is listed in any list in force is revoked, and what its own authority listed last is not cleared.
    if (const HeldList* list =
            Best([&](const HeldList& one) { return InForce(one) && Holds(one) && !Replaced(one); })) {
      return Decide(*list, RevocationState::kRevoked, answer);
    }
    if (const HeldList* list =
            Best([&](const HeldList& one) { return one.speaks && Begun(one) && Holds(one) && !Replaced(one); })) {
      return Decide(*list, RevocationState::kUndetermined, answer);
    }
    const auto is_whole = [&](const HeldList& one) { return one.crl->WhyNotWholeFor(certificate_).empty(); };
    if (const HeldList* list =
            Best([&](const HeldList& one) { return one.speaks && is_whole(one) && InForce(one) && !Outdated(one); })) {
      return Decide(*list, RevocationState::kGood, answer);
    }
    // One under a later name that has run out says nothing of those who never came under it.
    const auto is_in_name = [&](const HeldList& one) {
      return is_whole(one) && one.crl->issuer == certificate_.issuer;
    };
    if (const HeldList* list = Best([&](const HeldList& one) { return one.speaks && is_in_name(one); })) {
      return Decide(*list, RevocationState::kUndetermined, answer);
    }
    if (const HeldList* list = Best(is_in_name)) {
      answer.crl_of_another_key = true;
      return Decide(*list, RevocationState::kUndetermined, answer);
    }
    return answer;
  }

 private:
  bool Begun(const HeldList& list) const { return list.crl->this_update <= time_; }
  bool InForce(const HeldList& list) const { return Begun(list) && time_ <= list.crl->next_update; }
  bool Holds(const HeldList& list) const { return list.crl->Lists(certificate_.serial); }

  // Whether the key of the list has signed a whole one after it that has begun and that `also` holds for.
  bool HasLater(const HeldList& list, bool (Lists::*also)(const HeldList&) const) const {
    return std::any_of(lists_.begin(), lists_.end(), [&](const HeldList& other) {
      return Equal(other.key, list.key) && list.crl->this_update < other.crl->this_update && (this->*also)(other) &&
             other.crl->WhyNotWholeFor(certificate_).empty();
    });
  }
  // The later one has taken in, or taken back, what the list says.
  bool Replaced(const HeldList& list) const { return HasLater(list, InForce(list) ? &Lists::InForce : &Lists::Begun); }
  // There is a later one, current or not: silence of this one says nothing any more.
  bool Outdated(const HeldList& list) const { return HasLater(list, &Lists::Begun); }

  void NotePartial(const CertificateRevocationList& crl, RevocationAnswer& answer) const {
    const std::string_view not_whole = crl.WhyNotWholeFor(certificate_);
    // Of several reasons the first by the alphabet, which is as good as any and always the same.
    if (!not_whole.empty() && (answer.partial_crl.empty() || not_whole < answer.partial_crl)) {
      answer.partial_crl = not_whole;
    }
  }

  // Of those that fit, the one to name: that speaks for the certificate, has begun, is the newest. Null without one.
  const HeldList* Best(const std::function<bool(const HeldList&)>& fits) const {
    const HeldList* best = nullptr;
    const auto rank = [&](const HeldList& list) {
      return std::make_tuple(list.speaks, Begun(list), list.crl->this_update, list.crl->next_update,
                             AsText(list.crl->fingerprint.bytes()));
    };
    for (const HeldList& list : lists_) {
      if (fits(list) && (best == nullptr || rank(*best) < rank(list))) best = &list;
    }
    return best;
  }

  RevocationAnswer Decide(const HeldList& list, RevocationState state, RevocationAnswer& answer) const {
    answer.state = state;
    answer.crl = list.crl;
    answer.entry = list.crl->Find(certificate_.serial);
    answer.listed_on_stale_crl = state == RevocationState::kUndetermined && answer.entry != nullptr;
    return std::move(answer);
  }

  const std::vector<HeldList>& lists_;
  const Certificate& certificate_;
  const absl::Time time_;
};

}  // namespace

RevocationAnswer AskLists(const std::vector<HeldList>& lists, const Certificate& certificate, absl::Time check_time) {
  return Lists(lists, certificate, check_time).Answer();
}

std::string DescribeEntry(const RevocationAnswer& answer) {
  GH_CHECK(answer.entry != nullptr);
  return absl::StrCat("listed as revoked on ", Day(answer.entry->revoked_at), ", ",
                      std::string(ToWord(answer.entry->reason)));
}

std::string DescribeUndetermined(const RevocationAnswer& answer) {
  GH_CHECK(answer.state == RevocationState::kUndetermined);
  if (!answer.missing_crl.empty()) return "a revocation list may be missing: " + answer.missing_crl;
  GH_CHECK(answer.crl != nullptr);
  const std::string of = absl::StrCat(" of ", Day(answer.crl->this_update), " to ", Day(answer.crl->next_update));
  if (answer.crl_of_another_key) {
    return absl::StrCat("no revocation list of the key that issued it: the one", of,
                        " is in the issuer's name and of another key, to which no link certificate leads");
  }
  return absl::StrCat("the revocation list,", of, ", is not current",
                      answer.listed_on_stale_crl ? "; it lists the certificate" : "");
}

}  // namespace gatehouse::pki
