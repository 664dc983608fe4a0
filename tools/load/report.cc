#include "tools/load/report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/gatehouse/table.h"

namespace gatehouse::load {
namespace {

constexpr double kPercentiles[] = {50, 90, 99};

double Milliseconds(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

double Rate(const Result& result) {
  const double seconds = absl::ToDoubleSeconds(result.measured);
  return seconds > 0 ? static_cast<double>(result.finished) / seconds : 0;
}

double CpuPerPassage(const Result& result, absl::Duration client_cpu) {
  return Milliseconds(client_cpu) / std::max<double>(1, static_cast<double>(result.passage.size()));
}

nlohmann::ordered_json ToJson(const Latencies& latencies) {
  nlohmann::ordered_json json;
  for (const double percent : kPercentiles) {
    json[absl::StrCat("p", percent)] = Milliseconds(latencies.Percentile(percent));
  }
  json["max"] = Milliseconds(latencies.Max());
  return json;
}

std::vector<std::string> Row(const std::string& name, const Latencies& latencies) {
  std::vector<std::string> row = {name, absl::StrCat(latencies.size())};
  for (const double percent : kPercentiles) {
    row.push_back(absl::StrFormat("%.1f", Milliseconds(latencies.Percentile(percent))));
  }
  row.push_back(absl::StrFormat("%.1f", Milliseconds(latencies.Max())));
  return row;
}

}  // namespace

nlohmann::ordered_json ToJson(const Plan& plan, const Result& result, absl::Duration client_cpu) {
  nlohmann::ordered_json json;
  json["mode"] = plan.rate > 0 ? "rate" : "saturation";
  if (plan.rate > 0) json["rate_asked"] = plan.rate;
  if (plan.rate == 0) json["concurrency"] = plan.concurrency;
  json["seconds"] = absl::ToDoubleSeconds(result.measured);
  json["rate"] = Rate(result);
  json["passages"] = result.passage.size();
  json["latency_ms"] = {
      {"inspect", ToJson(result.inspect)}, {"decide", ToJson(result.decide)}, {"passage", ToJson(result.passage)}};
  json["cleared"] = result.cleared;
  json["referred"] = result.referred;
  json["stored"] = result.stored;
  json["pending"] = result.pending;
  json["errors"] = nlohmann::ordered_json(result.errors);
  json["client_cpu_ms_per_passage"] = CpuPerPassage(result, client_cpu);
  return json;
}

void Print(const Plan& plan, const Result& result, absl::Duration client_cpu, std::ostream& out) {
  const std::string mode = plan.rate > 0 ? absl::StrFormat("at %.1f/s", plan.rate)
                                         : absl::StrFormat("saturated, %d in flight", plan.concurrency);
  out << absl::StrFormat("%s for %.1f s: %.1f/s finished, %.2f ms of this program's CPU each\n", mode,
                         absl::ToDoubleSeconds(result.measured), Rate(result), CpuPerPassage(result, client_cpu));
  cli::Table table({"ms", "count", "p50", "p90", "p99", "max"});
  table.Add(Row("inspect", result.inspect));
  table.Add(Row("decide", result.decide));
  table.Add(Row("passage", result.passage));
  table.Print(out, /*colour=*/false);
  out << absl::StrFormat("recommended: %d clear, %d refer; crossings: %d stored, %d pending\n", result.cleared,
                         result.referred, result.stored, result.pending);
  for (const auto& [error, count] : result.errors) out << "error: " << error << " " << count << "\n";
}

}  // namespace gatehouse::load
