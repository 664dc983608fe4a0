#!/usr/bin/env python3
"""Runs everything CI runs and ends with `N passed, N failed, N skipped`.

Steps: build, lint, start PostgreSQL and Kafka once, unit and conformance tests (two binaries at a time), stories one
by one, then every fuzz target for a short while. A skipped test prints its reason. The ten slowest steps are shown.
With --long, or alone with --dates, the tests run again under each of the thirty dates of tests/dates/dates.txt; a test
under a date is a test.
"""
import argparse
import concurrent.futures
import datetime
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FUZZ_TOTAL_SECONDS = 90
TEST_TIMEOUT_SECONDS = 1500
# What no date can change, and what takes too long to be asked thirty times; with the reason. The others run under all.
NOT_UNDER_DATES = {
    "kill_nine_test": "minutes of kills at chosen moments: the ledgers it checks know no calendar",
    "trust_kill_nine_test": "the same",
    "index_conformance_test": "names against names, without a clock",
    "watchlist_conformance_test": "lists of given days against each other, without a clock",
}
# Stories run under dates on a post: the servers of a cluster keep their own clocks.
FILTERS_UNDER_DATES = {"story_test": ["--gtest_filter=Post/*"]}


class Tally:
    """Lists only, because appending is atomic and counting is not: two threads report at once."""

    def __init__(self):
        self.steps = []  # (seconds, name)
        self.passes = []
        self.failures = []
        self.skips = []

    def step(self, name, ok, seconds, detail=""):
        self.steps.append((seconds, name))
        if ok:
            self.passes.append(name)
        else:
            self.failures.append(f"{name}: {detail}".rstrip(": "))


def say(text):
    print(text, flush=True)


def run_logged(command, log, env=None, timeout=None):
    start = time.monotonic()
    with open(log, "wb") as out:
        try:
            code = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                  env=env, timeout=timeout).returncode
        except subprocess.TimeoutExpired:
            code = -1
            out.write(f"\nstopped after {timeout} s\n".encode())
    return code, time.monotonic() - start


def tail(path, lines=40):
    return "\n".join(pathlib.Path(path).read_text(errors="replace").splitlines()[-lines:])


def read_list(path):
    return [line.split("|") for line in path.read_text().splitlines() if line.strip()]


def start_servers(build, logs):
    """PostgreSQL and Kafka, once a run; the tests read their addresses from the environment."""
    env_file = logs / "servers.env"
    env_file.unlink(missing_ok=True)
    process = subprocess.Popen([str(build / "bin/test_servers"), "--env", str(env_file)], cwd=ROOT,
                               stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=open(logs / "servers.log", "wb"))
    deadline = time.monotonic() + 180
    while not env_file.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    found = {}
    if env_file.exists():
        for line in env_file.read_text().splitlines():
            name, _, value = line.partition("=")
            if value.startswith("unavailable:"):
                say(f"   {name}: {value}")
            if value:
                found[name] = value  # a reason too: no binary needs to find it out again
    return process, found


def run_gtest(name, binary, logs, env, tally, extra, where=""):
    report = logs / f"{name}.json"
    report.unlink(missing_ok=True)
    log = logs / f"{name}.log"
    code, seconds = run_logged([binary, f"--gtest_output=json:{report}", *extra], log, env, TEST_TIMEOUT_SECONDS)
    passed, failed, skipped = [], [], []
    messages = []
    if report.exists():
        for suite in json.loads(report.read_text()).get("testsuites", []):
            for case in suite.get("testsuite", []):
                full = f"{suite['name']}.{case['name']}"
                if case.get("failures"):
                    failed.append(f"{full} ({name}){where}")
                elif case.get("result") == "SKIPPED":
                    skipped.append(full + where)
                elif case.get("status") == "RUN":
                    passed.append(full + where)
    if not (passed or failed or skipped) or (code != 0 and not failed):
        # A binary that crashed or ran nothing is a failure, whatever its report says.
        failed.append(f"{name}{where}: exit code {code} after {len(passed)} passed tests")
    tally.passes += passed
    tally.failures += failed
    tally.skips += skipped
    tally.steps.append((seconds, name))
    mark = "FAIL" if failed else "ok"
    messages.append(f"   {mark:4} {name:36} {len(passed):4} passed {len(failed):3} failed {len(skipped):3} skipped "
                    f"{seconds:7.1f} s")
    if failed:
        messages.append(tail(log))
    for line in pathlib.Path(log).read_text(errors="replace").splitlines():
        if "skipped:" in line.lower():
            messages.append("        " + line.strip()[:180])
    say("\n".join(messages))


def read_dates():
    """Instant, zone, what is special: tests/dates/dates.txt."""
    lines = (ROOT / "tests/dates/dates.txt").read_text().splitlines()
    return [line.split(None, 2) for line in lines if line.strip() and not line.startswith("#")]


def under_dates(tests, build, logs, env, tally, extra):
    """Every test that a date can change, under each date: moved_clock shows it to a binary and all that it starts."""
    dates = read_dates()
    say(f"== tests under {len(dates)} dates")
    for name, reason in NOT_UNDER_DATES.items():
        say(f"   not under dates: {name}: {reason}")
    tests = [t for t in tests if t[1] not in NOT_UNDER_DATES]
    if not dates or not tests:
        tally.step("tests under dates", False, 0, "nothing to run")
    for number, (instant, zone, why) in enumerate(dates, 1):
        say(f"-- {number}/{len(dates)}: {instant} in {zone}: {why}")
        moment = datetime.datetime.fromisoformat(instant.replace("Z", "+00:00")).timestamp()
        folder = logs / f"date-{number:02}"
        folder.mkdir(exist_ok=True)

        def one(test):
            moved = dict(env, LD_PRELOAD=str(build / "tests/libmoved_clock.so"), TZ=zone, GATEHOUSE_TEST_DATE=instant,
                         GATEHOUSE_CLOCK_OFFSET_SECONDS=str(round(moment - time.time())))
            filters = extra or FILTERS_UNDER_DATES.get(test[1], [])
            run_gtest(test[1], test[2], folder, moved, tally, filters, f" at {instant} in {zone}")

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(one, [t for t in tests if t[0] != "story"]))
        for test in [t for t in tests if t[0] == "story"]:
            one(test)


def fuzz(tally, logs, long_run):
    say("== fuzz: building (clang, ASan, UBSan)")
    if not (ROOT / "build/asan/build.ninja").exists():
        code, seconds = run_logged(["cmake", "--preset", "asan"], logs / "asan-configure.log")
        if code != 0:
            tally.step("fuzz configure", False, seconds, tail(logs / "asan-configure.log"))
            return
    names = [line[0] for line in read_list(ROOT / "build/asan/fuzzers.txt")]
    code, seconds = run_logged(["ninja", "-C", "build/asan", *names], logs / "asan-build.log")
    tally.step("fuzz build", code == 0, seconds, tail(logs / "asan-build.log"))
    if code != 0:
        say(tail(logs / "asan-build.log"))
        return
    fuzzers = read_list(ROOT / "build/asan/fuzzers.txt")
    if not fuzzers:
        tally.step("fuzz", False, 0, "build/asan/fuzzers.txt names no target")
    each = 600 if long_run else max(5, FUZZ_TOTAL_SECONDS // max(1, len(fuzzers)))

    def one(entry):
        name, binary, seeds = entry
        with tempfile.TemporaryDirectory() as corpus:
            command = [binary, f"-max_total_time={each}", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1",
                       f"-artifact_prefix={logs}/{name}-", corpus]
            if pathlib.Path(seeds).is_dir():
                command.append(seeds)
            log = logs / f"{name}.log"
            code, seconds = run_logged(command, log)
            runs = [l.split()[-1] for l in pathlib.Path(log).read_text(errors="replace").splitlines()
                    if "number_of_executed_units" in l]
            tally.step(f"{name} (fuzz)", code == 0, seconds, tail(log, 15))
            say(f"   {'ok' if code == 0 else 'FAIL':4} {name:36} {runs[0] if runs else '?':>10} inputs {seconds:7.1f} s")
            if code != 0:
                say(tail(log))

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(one, fuzzers))


def sanitized_tests(preset, tally, logs, env):
    """Every test of code that sees no gRPC and no database, under AddressSanitizer or ThreadSanitizer."""
    say(f"== {preset}: the pure libraries and domains")
    build = ROOT / "build" / preset
    code, seconds = run_logged(["cmake", "--preset", preset], logs / f"{preset}-configure.log")
    if code == 0:
        code, seconds = run_logged(["ninja", "-C", str(build)], logs / f"{preset}-build.log")
    tally.step(f"{preset} build", code == 0, seconds, tail(logs / f"{preset}-build.log"))
    if code != 0:
        return
    strict = dict(env, TSAN_OPTIONS="halt_on_error=1", ASAN_OPTIONS="detect_leaks=1")
    for _, name, binary in read_list(build / "tests.txt"):
        run_gtest(f"{preset}-{name}", binary, logs, strict, tally, [])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true", help="ten minutes of fuzzing a target, all kill -9 repeats, thirty dates, ASan and TSan runs")
    parser.add_argument("--dates", action="store_true", help="only the tests under thirty dates; with --only, of those binaries")
    parser.add_argument("--only", help="run only the test binaries whose name contains this; no lint, no fuzz")
    parser.add_argument("--no-fuzz", action="store_true")
    parser.add_argument("gtest", nargs="*", help="further arguments for the test binaries, for example --gtest_filter=")
    options = parser.parse_args()
    preset = os.environ.get("GATEHOUSE_PRESET", "release")
    build = ROOT / "build" / preset
    logs = build / "logs"
    tally = Tally()
    begin = time.monotonic()

    step = time.monotonic()
    if subprocess.run(["tools/dev", "build"], cwd=ROOT, stdin=subprocess.DEVNULL).returncode != 0:
        say("the build failed")
        say("0 passed, 1 failed, 0 skipped")
        return 1
    tally.steps.append((time.monotonic() - step, "build"))
    logs.mkdir(parents=True, exist_ok=True)

    if not options.only and not options.dates:
        say("== lint")
        code, seconds = run_logged([sys.executable, "tools/lint/lint.py", "--build", str(build)], logs / "lint.log")
        tally.step("lint", code == 0, seconds, tail(logs / "lint.log", 20))
        say(tail(logs / "lint.log", 40 if code else 3))

    say("== servers: PostgreSQL and Kafka")
    step = time.monotonic()
    servers, found = start_servers(build, logs)
    tally.steps.append((time.monotonic() - step, "servers start"))
    env = dict(os.environ, **found)
    env.setdefault("GATEHOUSE_DATA", str((ROOT / "../shared/data").resolve()))
    env["GATEHOUSE_BIN"] = str(build / "bin")
    if options.long:
        env["GATEHOUSE_LONG"] = "1"
    try:
        tests = [t for t in read_list(build / "tests.txt") if not options.only or options.only in t[1]]
        if not tests:
            tally.step("tests", False, 0, f"no test binary is named like {options.only}" if options.only else "none listed")
        if not options.dates:
            say("== unit and conformance tests")
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda t: run_gtest(t[1], t[2], logs, env, tally, options.gtest),
                              [t for t in tests if t[0] != "story"]))
            say("== stories")
            for test in [t for t in tests if t[0] == "story"]:
                run_gtest(test[1], test[2], logs, env, tally, options.gtest)
        if options.dates or (options.long and not options.only):
            under_dates(tests, build, logs, env, tally, options.gtest)
    finally:
        if servers.poll() is None:
            servers.send_signal(signal.SIGTERM)
            try:
                servers.wait(30)
            except subprocess.TimeoutExpired:
                servers.kill()
    if not options.only and not options.no_fuzz and not options.dates:
        fuzz(tally, logs, options.long)
    if options.long and not options.only:
        for sanitizer in ("asan", "tsan"):
            sanitized_tests(sanitizer, tally, logs, env)

    say("== ten slowest steps")
    for seconds, name in sorted(tally.steps, reverse=True)[:10]:
        say(f"   {seconds:7.1f} s  {name}")
    say(f"   {time.monotonic() - begin:7.1f} s  in all")
    for name in tally.skips:
        say(f"skipped: {name}")
    for failure in tally.failures:
        say(f"failed: {failure}")
    say(f"{len(tally.passes)} passed, {len(tally.failures)} failed, {len(tally.skips)} skipped")
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
