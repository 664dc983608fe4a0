#include "libs/rpc/connections.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>
#include <vector>

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

void Connections::Add(int fd, const std::string& host, std::string key, absl::Duration now) {
  // A descriptor that is given again was closed before: it counts for whom it was until the next sweep.
  open_.insert_or_assign(fd, Connection{.inode = InodeOf(fd), .host = host, .key = std::move(key), .since = now});
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
    if (!one->second.proved && now - one->second.since < limits_.proving) {
      ++share.unproven;
      ++unproven_;
    }
    ++one;
  }
}

bool Connections::Cut(int fd) {
  // Looked at again right before: a descriptor that was closed meanwhile may be somebody else's by now.
  Connection& one = open_.at(fd);
  if (InodeOf(fd) != one.inode) return false;
  shutdown(fd, SHUT_RDWR);
  one.received.Answered(BytesReceived(fd));
  return true;
}

int Connections::CutFloods(const std::unordered_map<std::string, Heard::Calls>& heard, absl::Duration now) {
  const absl::Duration passed = std::clamp(now - looked_, absl::ZeroDuration(), absl::Seconds(10));
  looked_ = now;
  const auto forgiven = static_cast<int64_t>(absl::ToDoubleSeconds(passed) * limits_.received.forgiven_per_s);
  std::vector<std::pair<int64_t, int>> unanswered;  // bytes, descriptor
  int64_t all = 0;
  int cut = 0;
  for (auto& [fd, one] : open_) {
    const auto calls = heard.find(one.key);
    const Heard::Calls had = calls == heard.end() ? Heard::Calls{} : calls->second;
    if (had.taken_back > limits_.taken_back && 2 * had.taken_back > had.begun) cut += Cut(fd) ? 1 : 0;
    const int64_t received = BytesReceived(fd);
    if (had.begun > 0) one.received.Answered(received);
    one.proved = one.proved || had.begun > 0;
    one.received.Forgive(forgiven, received);
    unanswered.emplace_back(one.received.Unanswered(received), fd);
    all += unanswered.back().first;
  }
  std::sort(unanswered.rbegin(), unanswered.rend());
  for (const auto& [bytes, fd] : unanswered) {
    if (bytes <= limits_.received.of_connection && all <= limits_.received.all) break;
    all -= bytes;
    cut += Cut(fd) ? 1 : 0;
  }
  return cut;
}

}  // namespace gatehouse::rpc
