#include "libs/rpc/heard.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace gatehouse::rpc {
namespace {

std::string_view WithoutBrackets(std::string_view host) {
  for (const auto& [open, close] : {std::pair<std::string_view, std::string_view>{"%5B", "%5D"}, {"[", "]"}}) {
    if (host.size() < open.size() + close.size() || host.substr(0, open.size()) != open) continue;
    if (host.substr(host.size() - close.size()) != close) continue;
    return host.substr(open.size(), host.size() - open.size() - close.size());
  }
  return host;
}

}  // namespace

std::string ConnectionKey(std::string_view host, std::string_view port) {
  return absl::StrCat(std::string(host), " ", std::string(port));
}

std::string KeyOfPeer(std::string_view peer) {
  const size_t scheme_end = peer.find(':');
  const size_t port_at = peer.rfind(':');
  if (scheme_end == std::string_view::npos || port_at == scheme_end) return "";
  const std::string_view host = WithoutBrackets(peer.substr(scheme_end + 1, port_at - scheme_end - 1));
  return ConnectionKey(host, peer.substr(port_at + 1));
}

void Heard::Begun(const std::string& key) {
  if (key.empty()) return;
  std::lock_guard lock(mutex_);
  ++calls_[key].begun;
}

void Heard::TakenBack(const std::string& key) {
  if (key.empty()) return;
  std::lock_guard lock(mutex_);
  ++calls_[key].taken_back;
}

std::unordered_map<std::string, Heard::Calls> Heard::Take() {
  std::lock_guard lock(mutex_);
  return std::exchange(calls_, {});
}

}  // namespace gatehouse::rpc
