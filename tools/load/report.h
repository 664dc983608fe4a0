// What a run of the generator came to: a table for people, one JSON object for machines.
#pragma once

#include <nlohmann/json.hpp>
#include <ostream>

#include "absl/time/time.h"
#include "tools/load/generator.h"

namespace gatehouse::load {

// {"mode": "rate"|"saturation", "rate_asked", "concurrency", "seconds", "rate", "passages", "latency_ms": {"inspect":
// {"p50", "p90", "p99", "max"}, "decide": {...}, "passage": {...}}, "cleared", "referred", "stored", "pending",
// "errors": {"Inspect UNAVAILABLE": 1}, "client_cpu_ms_per_passage"}
nlohmann::ordered_json ToJson(const Plan& plan, const Result& result, absl::Duration client_cpu);

void Print(const Plan& plan, const Result& result, absl::Duration client_cpu, std::ostream& out);

}  // namespace gatehouse::load
