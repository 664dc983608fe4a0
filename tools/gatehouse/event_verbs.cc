// gatehouse events tail [--service NAME [--after POSITION]] [--follow]
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gatehouse/event/v1/event_service.grpc.pb.h"
#include "libs/rpc/error_facts.h"
#include "libs/rpc/errors.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::event::v1;

constexpr int kPageSize = 500;
constexpr absl::Duration kFollowPoll = absl::Seconds(2);  // each look is two leaves of the audit log

struct TailOptions {
  std::string service;
  int64_t after = 0;
  bool follow = false;
};

nlohmann::ordered_json EntryJson(const pb::ListEventsResponse::Entry& entry) {
  nlohmann::ordered_json json;
  json["service"] = entry.service();
  json.update(ToJson(entry.event()));
  json["published"] = entry.published();
  if (!entry.damage().empty()) json["damage"] = entry.damage();
  return json;
}

// Where to go on when events behind `position` are not kept any more, told on `err`; nothing when that is not the
// error.
std::optional<int64_t> GoOnFrom(Context& context, const absl::Status& status, const std::string& service,
                                int64_t position) {
  int64_t pruned = 0;
  if (rpc::Reason(status) != "EVENTS_PRUNED" || !absl::SimpleAtoi(rpc::Fact(status, "position"), &pruned) ||
      pruned <= position) {
    return std::nullopt;
  }
  *context.err << service << ": events up to " << pruned << " are not kept any more" << std::endl;
  return pruned;
}

// Prints every event of `service` behind `position`; returns false after an error.
bool Drain(Context& context, pb::EventService::Stub& stub, const std::string& service,
           std::map<std::string, int64_t>& positions, Table* table) {
  while (true) {
    pb::ListEventsRequest request;
    request.set_service(service);
    request.set_after_position(positions[service]);
    request.set_page_size(kPageSize);
    pb::ListEventsResponse response;
    const auto call = NewCall(context);
    const grpc::Status status = stub.ListEvents(call.get(), request, &response);
    if (const auto kept = GoOnFrom(context, rpc::FromGrpc(status), service, positions[service]); kept.has_value()) {
      positions[service] = *kept;
      continue;
    }
    if (!status.ok()) {
      context.Fail(CallStatus(context, status));
      return false;
    }
    for (const auto& entry : response.entries()) {
      positions[service] = std::max(positions[service], entry.event().position());
      if (context.json) {
        *context.out << JsonLine(EntryJson(entry)) << std::endl;
      } else if (table != nullptr) {
        table->Add({absl::StrCat(entry.event().position()), entry.service(), entry.event().type(),
                    entry.event().subject(), EntryJson(entry).value("time", ""),
                    !entry.damage().empty() ? "damaged"
                    : entry.published()     ? "published"
                                            : "held"});
      }
    }
    if (response.entries_size() < kPageSize) return true;
  }
}

void Tail(Context& context, const TailOptions& options) {
  if (options.after != 0 && options.service.empty()) {
    return context.Fail(absl::InvalidArgumentError("--after: a position is of one outbox; name it with --service"));
  }
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  const auto stub = pb::EventService::NewStub(*channel);
  // Positions are per outbox, so each service is walked by itself.
  std::vector<std::string> services = {options.service};
  if (options.service.empty()) services = {"document", "watchlist", "inspection", "traveller"};
  std::map<std::string, int64_t> positions;
  for (const std::string& service : services) positions[service] = options.after;
  do {
    Table table({"position", "service", "type", "subject", "time", "broker"});
    for (const std::string& service : services) {
      if (!Drain(context, *stub, service, positions, &table)) return;
    }
    if (!context.json && table.size() > 0) table.Print(*context.out, context.colour);
    if (options.follow) absl::SleepFor(kFollowPoll);
  } while (options.follow);
}

}  // namespace

void AddEventVerbs(CLI::App& app, Context& context) {
  CLI::App* events = AddVerb(app, "events", "The event stream");
  events->require_subcommand(1);
  CLI::App* tail = AddVerb(*events, "tail", "Events from the outboxes of a process, in commit order");
  auto options = std::make_shared<TailOptions>();
  tail->add_option("--service", options->service, "document, watchlist, inspection or traveller; all when left out")
      ->check(CLI::IsMember({"document", "watchlist", "inspection", "traveller"}));
  tail->add_option("--after", options->after, "With --service: only events behind this position");
  tail->add_flag("--follow", options->follow, "Keep waiting for new events");
  tail->callback([&context, options] { Tail(context, *options); });
}

}  // namespace gatehouse::cli
