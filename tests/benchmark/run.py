#!/usr/bin/env python3
"""Measures Gatehouse: one table, each figure beside the bare limit measured in the same run.

  tools/dev bench [--only NAME]... [--seconds 10] [--json]

Nothing here passes or fails: disks and shared machines change by the minute, which is why every figure has its limit
beside it. The rows are also written to build/bench.json. Exit code 1 when something could not be measured.
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

from post import ROOT, Post

TRAVELLERS = 2000
RAW_SYNC_SECONDS = 1.0
RAW_SYNC_BYTES = 4096
IDLE_SECONDS = 3


class Row:
    """One line of the table. `limit` is what the bare thing reaches, in the same unit unless `limit_text` says else."""

    def __init__(self, name, value, unit, limit=None, limit_name="", aim="", limit_unit=None):
        self.name, self.value, self.unit = name, value, unit
        self.limit, self.limit_name, self.limit_unit = limit, limit_name, limit_unit or unit
        self.aim = aim

    def ratio(self):
        comparable = self.limit and self.unit == self.limit_unit
        return self.value / self.limit if comparable else None

    def cells(self):
        limit = f"{number(self.limit)} {self.limit_unit}  {self.limit_name}" if self.limit else ""
        ratio = "" if self.ratio() is None else f"{self.ratio():.2f}"
        return [self.name, f"{number(self.value)} {self.unit}", limit, ratio, self.aim]

    def json(self):
        return {"name": self.name, "value": self.value, "unit": self.unit, "limit": self.limit,
                "limit_name": self.limit_name, "limit_unit": self.limit_unit, "ratio": self.ratio(), "aim": self.aim}


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def google_benchmark(build, binary, min_seconds=0.5, name_filter=".", counter="items_per_second"):
    """Name -> counter, of every benchmark in a binary that matches the filter; None: name -> the whole case."""
    path = build / "benchmarks" / binary
    if not path.exists():
        raise RuntimeError(f"{path} is not built")
    done = subprocess.run([str(path), "--benchmark_format=json", f"--benchmark_min_time={min_seconds}",
                           f"--benchmark_filter={name_filter}"],
                          cwd=build, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{binary}: exit code {done.returncode}: {done.stderr.strip()[-500:]}")
    rates = {}
    for case in json.loads(done.stdout)["benchmarks"]:
        if case.get("error_occurred"):
            raise RuntimeError(f"{binary} {case['name']}: {case.get('error_message')}")
        if counter is None or counter in case:
            rates[case["name"]] = case if counter is None else case[counter]
    return rates


def raw_fdatasync(folder):
    """Appends of 4 kB, each with its fdatasync, one after the other: what this disk gives at this moment."""
    block = os.urandom(RAW_SYNC_BYTES)
    with tempfile.TemporaryFile(dir=folder, buffering=0) as out:
        count, start = 0, time.monotonic()
        while (spent := time.monotonic() - start) < RAW_SYNC_SECONDS:
            out.write(block)
            os.fdatasync(out.fileno())
            count += 1
    return count / spent


# ---- what is measured: each function yields rows ---------------------------------------------------------------------


def mrz(build, _):
    rates = google_benchmark(build, "mrz_benchmark")
    yield Row("MRZ parse, TD3", rates["Read/td3"], "/s/core", aim=">= 5,000,000 (best peer 1,500,000)")
    yield Row("MRZ parse, TD1", rates["Read/td1"], "/s/core")


def passive_authentication(build, _):
    rates = google_benchmark(build, "passive_authentication_benchmark")
    for label, whole, bare, aim in (("RSA-2048", "rsa_2048", "rsa_2048", ">= 25,000"),
                                    ("P-256", "p256", "p256", ""),
                                    ("brainpoolP256r1, explicit parameters", "brainpoolP256r1_explicit",
                                     "brainpoolP256r1", "ratio >= 0.9")):
        yield Row(f"passive authentication, {label}", rates[f"SignerRemembered/{whole}"], "/s/core",
                  rates[f"BareVerify/{bare}"], "bare OpenSSL verify", aim)
    for label, whole, signer, authority in (
            ("RSA-2048 under RSA-3072", "rsa_2048_under_rsa_3072", "rsa_2048", "rsa_3072"),
            ("RSA-2048 under RSA-4096", "rsa_2048_under_rsa_4096", "rsa_2048", "rsa_4096"),
            ("P-256 under P-384", "p256_under_p384", "p256", "p384"),
            ("brainpoolP256r1 under P384r1, explicit parameters", "brainpoolP256r1_under_brainpoolP384r1_explicit",
             "brainpoolP256r1", "brainpoolP384r1")):
        both = 1 / (1 / rates[f"BareVerify/{signer}"] + 1 / rates[f"BareVerify/{authority}"])
        yield Row(f"  signer not seen before, {label}", rates[f"SignerNew/{whole}"], "/s/core", both,
                  "both bare verifies", "ratio >= 0.85")


def trust_import(build, _):
    path = build / "benchmarks/trust_import_benchmark"
    if not path.exists():
        raise RuntimeError(f"{path} is not built")
    for kind in ("RSA:2048", "RSA:4096", "brainpoolP256r1"):
        done = subprocess.run([str(path), kind], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"trust_import_benchmark: exit code {done.returncode}: {done.stderr.strip()[-500:]}")
        case = json.loads(done.stdout)
        yield Row(f"import of {case['signers']:,} signers, all verified, by {kind}", case["imports_per_s"], "/s/core",
                  case["bare_verifies_per_s"], "bare OpenSSL verify", "ratio >= 0.5")
        yield Row("  peak memory of that", case["peak_mb"], "MB", aim="< 200")
        yield Row("  opening its snapshot", case["map_ms"], "ms")


def trust_service_import(build, _):
    """A file of the directory with 30,000 signers through a whole post: what the process holds at most."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=build) as folder:
        made = pathlib.Path(folder) / "directory"
        made.mkdir()
        subprocess.run([str(build / "benchmarks/trust_import_benchmark"), "RSA:2048", "--ldif", str(made)], check=True,
                       stdin=subprocess.DEVNULL)
        with Post(build / "bin", folder, travellers=2) as running:
            anchor = json.loads(running.gatehouse("trust-operator", "trust", "import", "--json", str(made / "csca.der")))
            running.gatehouse("trust-operator-2", "trust", "accept", anchor["import_id"])
            before, start = running.peak_mb(), time.monotonic()
            ldif, = made.glob("*.ldif")
            done = json.loads(running.gatehouse("trust-operator", "trust", "import", "--json", "--timeout-ms", "120000",
                                                str(ldif)))
            seconds = time.monotonic() - start
            yield Row(f"import of {done['accepted']:,} signers ({ldif.stat().st_size / 1e6:.0f} MB) into a post, peak "
                      "memory of the process", running.peak_mb(), "MB", aim="< 200")
            yield Row("  before that", before, "MB")
            yield Row("  duration", seconds, "s")


def long_history(build, _):
    """One traveller with more and more crossings: the time of an answer and of a recording, flat or not."""
    cases = google_benchmark(build, "traveller_benchmark", counter=None)

    def spent_us(name, crossings):
        case = next(case for full, case in cases.items() if full.startswith(f"{name}/{crossings}/"))
        # An answer is made on the caller's thread, whose own time other work on the machine does not lengthen.
        return case["cpu_time"] / 1e3 if name == "GetTraveller" else 1e6 / case["items_per_second"]

    for name, label in (("GetTraveller", "history of a traveller"), ("RecordCrossing", "recording one more crossing")):
        few, some, many = (spent_us(name, crossings) for crossings in (10, 1_000, 100_000))
        yield Row(f"{label}, 100,000 crossings behind", many, "us", few, f"10 behind (1,000: {number(some)} us)",
                  "ratio <= 1.2")


def screening(build, _):
    rates = google_benchmark(build, "watchlist_benchmark", name_filter="Screen")
    yield Row("screening, name over 2,000 names", rates["BM_ScreenNameOver2000Names"], "/s/core")
    yield Row("screening, document number", rates["BM_ScreenDocumentNumber"], "/s/core")


def audit(build, _):
    rates = google_benchmark(build, "audit_benchmark")
    bare = rates["BM_RawFdatasync/real_time"]
    for threads in (1, 8, 64):
        yield Row(f"audit leaves, {threads} at a time", rates[f"BM_Append/real_time/threads:{threads}"], "/s", bare,
                  "fdatasync of one leaf each")


def sql(build, _):
    for case in google_benchmark(build, "sql_benchmark", name_filter="sqlite", counter=None).values():
        yield Row("SQLite, durable writes by 64 threads", case["writes/s"], "/s", case["raw_fdatasync/s"],
                  "raw fdatasync, 4 kB")
        yield Row("  p99 of that", case["p99_ms"], "ms", 1000 / case["raw_fdatasync/s"], "one raw fdatasync")


def rpc(build, _):
    path = build / "benchmarks/rpc_benchmark"
    if not path.exists():
        raise RuntimeError(f"{path} is not built")
    done = subprocess.run([str(path), "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"rpc_benchmark: exit code {done.returncode}: {done.stderr.strip()[-500:]}")
    rounds = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
    bare = rounds["bare"]
    for name, label, aim in (("handled", "empty RPC through Handle", "ratio >= 0.6"),
                             ("audited", "empty RPC, audited", "")):
        yield Row(f"{label}, 64 in flight", rounds[name]["calls_per_s"], "/s", bare["calls_per_s"],
                  "bare gRPC callback echo, mTLS", aim)
        yield Row("  CPU of client and server each", rounds[name]["cpu_us_per_call"], "us", bare["cpu_us_per_call"],
                  "bare")


def verify(build, _):
    path = build / "benchmarks/verify_benchmark"
    if not path.exists():
        raise RuntimeError(f"{path} is not built")
    done = subprocess.run([str(path), "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"verify_benchmark: exit code {done.returncode}: {done.stderr.strip()[-500:]}")
    row = json.loads(done.stdout)
    yield Row("Verify over mTLS, RSA-2048 chip with 15 kB DG2, one core", row["calls_per_s"], "/s",
              row["limit_calls_per_s"], "empty audited RPC of the same bytes plus bare cryptography", "ratio >= 0.7")
    yield Row("  CPU of client and server", row["cpu_us_per_call"], "us",
              row["empty_cpu_us_per_call"] + row["bare_cryptography_us"], "the same")


def post(build, arguments):
    with tempfile.TemporaryDirectory(prefix="bench-", dir=build) as folder, \
         Post(build / "bin", folder, TRAVELLERS) as running:
        time.sleep(IDLE_SECONDS)
        yield Row("idle post, trust and two lists imported", running.rss_mb(), "MB", aim="< 80")
        seconds = ("--seconds", str(arguments.seconds))

        sync = raw_fdatasync(folder)
        at_50 = json.loads(running.load("--rate", "50", *seconds))
        sync = (sync + raw_fdatasync(folder)) / 2
        for percentile, aim in (("p50", ""), ("p99", "< 40")):
            yield Row(f"inspection and decision at 50/s, {percentile}", at_50["latency_ms"]["passage"][percentile],
                      "ms", 1000 / sync, "one raw fdatasync", aim)

        sync = raw_fdatasync(folder)
        cpu, switches = running.cpu_seconds(), running.switches()
        full = json.loads(running.load("--concurrency", "32", *seconds))
        cpu, switches = running.cpu_seconds() - cpu, running.switches() - switches
        sync = (sync + raw_fdatasync(folder)) / 2
        yield Row("inspection and decision, saturated", full["rate"], "/s", sync, "raw fdatasync, 4 kB", ">= 150",
                  limit_unit="/s raw")
        yield Row("  p99 of that", full["latency_ms"]["passage"]["p99"], "ms")
        # The warm-up cost the same and is not counted as passages.
        share = full["seconds"] / (full["seconds"] + 2)
        yield Row("  CPU of the post each", 1000 * cpu * share / max(1, full["passages"]), "ms", aim="<= 3")
        yield Row("  context switches of the post each", switches * share / max(1, full["passages"]), "", aim="<= 20")
        yield Row("  CPU of the load generator each", full["client_cpu_ms_per_passage"], "ms")
        yield Row("post after that", running.rss_mb(), "MB")


MEASURES = {measure.__name__: measure for measure in (mrz, passive_authentication, trust_import, trust_service_import,
                                                      screening, long_history, audit, sql, rpc, verify, post)}


# ---- the run ---------------------------------------------------------------------------------------------------------


def commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
    return done.stdout.strip()


def print_table(rows):
    table = [["figure", "measured", "bare limit of this run", "ratio", "aim"], *(row.cells() for row in rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
    for line in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--only", action="append", choices=sorted(MEASURES), help="measure only this; may be repeated")
    parser.add_argument("--seconds", type=float, default=10, help="length of each load run on the post")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    arguments = parser.parse_args()
    build = arguments.build.resolve()

    load = os.getloadavg()[0]
    if load > 1:
        print(f"bench: the machine is busy (load {load:.1f}): compare figures with their limits only", file=sys.stderr)
    rows, failures = [], []
    for name in arguments.only or MEASURES:
        print(f"== bench: {name}", file=sys.stderr, flush=True)
        try:
            rows.extend(MEASURES[name](build, arguments))
        except (OSError, RuntimeError, KeyError) as error:
            failures.append(f"{name}: {error!r}")
            print(f"bench: {name}: {error!r}", file=sys.stderr)
    result = {"commit": commit(), "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "cores": os.cpu_count(),
              "machine": platform.platform(), "load_average_before": load, "rows": [row.json() for row in rows],
              "failures": failures}
    (ROOT / "build/bench.json").write_text(json.dumps(result, indent=2) + "\n")
    if arguments.json:
        print(json.dumps(result))
    else:
        print_table(rows)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
