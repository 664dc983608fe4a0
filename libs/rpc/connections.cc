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
  if (IsFull(host) && now - swept_ >= kLeastSweepPause) Sweep(now);
  if (!IsFull(host)) return Answer::kTake;
  return open() >= limits_.all ? Answer::kFull : Answer::kFullForAddress;
}

bool Connections::IsFull(const std::string& host) const {
  // Half of all at most is unproven, however many addresses they come from.
  if (open() >= limits_.all || unproven_ >= (limits_.all + 1) / 2) return true;
  const auto found = unproven_of_.find(Network(host));
  return found != unproven_of_.end() && found->second >= limits_.unproven_of_address;
}

void Connections::Add(int fd, const std::string& host, absl::Duration now) {
  // A descriptor that is given again was closed before.
  open_.insert_or_assign(fd, Connection{.inode = InodeOf(fd), .host = host, .since = now});
  ++unproven_of_[Network(host)];
  ++unproven_;
}

void Connections::Sweep(absl::Duration now) {
  swept_ = now;
  unproven_of_.clear();
  unproven_ = 0;
  for (auto one = open_.begin(); one != open_.end();) {
    if (InodeOf(one->first) != one->second.inode) {
      one = open_.erase(one);
      continue;
    }
    if (now - one->second.since < limits_.proving) {
      ++unproven_of_[Network(one->second.host)];
      ++unproven_;
    }
    ++one;
  }
}

}  // namespace gatehouse::rpc
