#include "libs/audit/intents.h"

#include "libs/audit/segment.h"

namespace gatehouse::audit {

bool Intents::Complete(Leaf& leaf) {
  if (leaf.kind == Kind::kIntent) {
    Open& open = open_[IntentKey(leaf)];
    if (open.count++ == 0) open.leaf = leaf;
    return true;
  }
  if (leaf.kind != Kind::kOutcome) return true;
  const auto open = open_.find(leaf.intent);
  if (open != open_.end()) {
    last_ = open->second.leaf;
    last_key_ = leaf.intent;
    if (--open->second.count == 0) open_.erase(open);
  } else if (leaf.intent != last_key_) {
    return false;
  }
  CopyTexts(last_, leaf);
  return true;
}

int64_t Intents::open() const {
  int64_t calls = 0;
  for (const auto& [key, open] : open_) calls += open.count;
  return calls;
}

void Intents::CopyTexts(const Leaf& intent, Leaf& outcome) {
  outcome.call_id = intent.call_id;
  outcome.identity = intent.identity;
  outcome.officer = intent.officer;
  outcome.role = intent.role;
  outcome.purpose = intent.purpose;
  outcome.verb = intent.verb;
}

}  // namespace gatehouse::audit
