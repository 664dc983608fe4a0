#include "libs/rpc/connections.h"

#include <sys/stat.h>

namespace gatehouse::rpc {
namespace {

// A flood does not make each of its sockets cost a look at all others.
constexpr absl::Duration kLeastSweepPause = absl::Milliseconds(100);

ino_t InodeOf(int fd) {
  struct stat found {};
  return fstat(fd, &found) == 0 ? found.st_ino : 0;
}

}  // namespace

Connections::Answer Connections::Judge(const std::string& host, absl::Duration now) {
  Answer answer = Find(host);
  if (answer == Answer::kTake || now - swept_ < kLeastSweepPause) return answer;
  Sweep(now);
  return Find(host);
}

// Who has had his share is told so also when all are taken.
Connections::Answer Connections::Find(const std::string& host) const {
  const auto found = share_of_.find(Network(host));
  const Share share = found == share_of_.end() ? Share{} : found->second;
  if (share.open >= limits_.of_address || share.unproven >= limits_.unproven_of_address) return Answer::kFullForAddress;
  // Half of all at most is unproven, however many addresses they come from.
  if (open() >= limits_.all || unproven_ >= (limits_.all + 1) / 2) return Answer::kFull;
  return Answer::kTake;
}

void Connections::Add(int fd, const std::string& host, absl::Duration now) {
  // A descriptor that is given again was closed before: it counts for whom it was until the next sweep.
  open_.insert_or_assign(fd, Connection{.inode = InodeOf(fd), .host = host, .since = now});
  Share& share = share_of_[Network(host)];
  ++share.open;
  ++share.unproven;
  ++unproven_;
}

void Connections::Sweep(absl::Duration now) {
  swept_ = now;
  share_of_.clear();
  unproven_ = 0;
  for (auto one = open_.begin(); one != open_.end();) {
    if (InodeOf(one->first) != one->second.inode) {
      one = open_.erase(one);
      continue;
    }
    Share& share = share_of_[Network(one->second.host)];
    ++share.open;
    if (now - one->second.since < limits_.proving) {
      ++share.unproven;
      ++unproven_;
    }
    ++one;
  }
}

}  // namespace gatehouse::rpc
