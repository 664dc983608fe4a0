// gatehouse-load: measures a post, or a cluster, with whole passages (generator.h).
//   gatehouse-load --server HOST:PORT --pki DIR --state DIR --rate 50 [--seconds 20] [--warm-up 2] [--json]
//   gatehouse-load --server HOST:PORT --pki DIR --state DIR --concurrency 32 ...
// DIR of --state is a folder that `specimen make` made. Bounded by --seconds, --passages and --errors.
// Exit code 0 done, 1 some calls failed, 2 bad usage or input, 3 nobody answers.
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <iostream>

#include "absl/time/time.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/context.h"
#include "tools/load/generator.h"
#include "tools/load/report.h"
#include "tools/load/travellers.h"

namespace {

using gatehouse::load::Plan;
using gatehouse::load::Result;

struct Arguments {
  gatehouse::cli::Context context;
  std::string state;
  int travellers = gatehouse::load::kMaxTravellers;
  double rate = 0;
  int concurrency = 0;
  double seconds = 20;
  double warm_up_s = 2;
  int64_t passages = 1'000'000;
  int64_t errors = 100;
  std::string acknowledged;
};

void AddFlags(CLI::App& app, Arguments& arguments) {
  app.add_option("--server", arguments.context.server, "host:port of the inspection service")->required();
  app.add_option("--pki", arguments.context.pki_dir, "folder that `gatehouse pki init` made")->required();
  app.add_option("--as", arguments.context.identity, "officer whose certificate is used")->default_val("officer-1");
  app.add_option("--state", arguments.state, "folder that `specimen make` made")->required();
  app.add_option("--travellers", arguments.travellers, "use the first N of the State")
      ->check(CLI::Range(1, gatehouse::load::kMaxTravellers));
  auto* rate = app.add_option("--rate", arguments.rate, "passages a second, latency from when each was due")
                   ->check(CLI::Range(0.1, 100'000.0));
  app.add_option("--concurrency", arguments.concurrency, "saturate: so many always in flight (32)")
      ->check(CLI::Range(1, gatehouse::load::kMaxInFlight))
      ->excludes(rate);
  app.add_option("--seconds", arguments.seconds, "how long to measure")->check(CLI::Range(0.1, 3600.0));
  app.add_option("--warm-up", arguments.warm_up_s, "seconds before, not counted")->check(CLI::Range(0.0, 600.0));
  app.add_option("--passages", arguments.passages, "stop after so many")->check(CLI::Range(1, 100'000'000));
  app.add_option("--errors", arguments.errors, "stop after so many")->check(CLI::Range(1, 100'000'000));
  app.add_option("--acknowledged", arguments.acknowledged, "write `inspection_id crossing_id` of every decision here");
  app.add_flag("--json", arguments.context.json, "one JSON object");
}

Plan PlanOf(const Arguments& arguments) {
  Plan plan{.rate = arguments.rate,
            .warm_up = absl::Seconds(arguments.warm_up_s),
            .duration = absl::Seconds(arguments.seconds),
            .max_passages = arguments.passages,
            .max_errors = arguments.errors};
  if (arguments.concurrency > 0) plan.concurrency = arguments.concurrency;
  return plan;
}

absl::Duration CpuTime() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

void Run(Arguments& arguments) {
  gatehouse::cli::Context& context = arguments.context;
  const auto channel = gatehouse::cli::Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  const auto documents = gatehouse::load::ReadTravellers(arguments.state, arguments.travellers);
  if (!documents.ok()) return context.Fail(documents.status());
  Plan plan = PlanOf(arguments);
  std::ofstream acknowledged;
  if (!arguments.acknowledged.empty()) {
    acknowledged.open(arguments.acknowledged);
    if (!acknowledged) return context.Fail(absl::InvalidArgumentError(arguments.acknowledged + ": cannot be written"));
    plan.acknowledged = [&acknowledged](const gatehouse::inspection::v1::DecideResponse& response) {
      acknowledged << response.inspection_id() << " " << response.decision().crossing_id() << "\n";
    };
  }
  if (!(*channel)->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(5))) {
    return context.Fail(absl::UnavailableError("no answer from " + context.server));
  }
  const absl::Duration cpu_before = CpuTime();
  const Result result = gatehouse::load::Generate(*channel, *documents, plan);
  const absl::Duration cpu = CpuTime() - cpu_before;
  if (context.json) {
    std::cout << gatehouse::load::ToJson(plan, result, cpu).dump() << "\n";
  } else {
    gatehouse::load::Print(plan, result, cpu, std::cout);
  }
  if (!result.errors.empty()) context.exit_code = gatehouse::cli::kCheckSaysNo;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Measures an inspection service with whole passages: inspect, then admit");
  AddFlags(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : gatehouse::cli::kBadUsage;
  }
  Run(arguments);
  return arguments.context.exit_code;
}
