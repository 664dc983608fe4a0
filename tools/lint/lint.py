#!/usr/bin/env python3
"""Style as a test: layers (includes, and symbols of the domain archives), formatting, sizes, logs without personal data.

Each rule is a function that yields findings `path:line: what, and what to do`. No finding, no output, exit code 0.
"""
import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MAX_FILE_LINES = 450
MAX_LINE_CHARACTERS = 120

# Layer of each folder; an include may point down or within, never up (DESIGN section 4).
LAYERS = {
    "libs/base": 0,
    "libs/mrz": 1, "libs/emrtd": 1, "libs/pki": 1, "libs/names": 1, "libs/biometrics": 1, "libs/edifact": 1,
    "libs/sql": 2, "libs/cache": 2, "libs/seal": 2, "libs/events": 2, "libs/audit": 2, "libs/authz": 2,
    "libs/observe": 2, "libs/signing": 2,
    "libs/rpc": 3, "libs/runtime": 3,
    "libs/testing": 3,
}
# Includes that only some folders may have.
FENCED = [
    (re.compile(r"grpcpp/|\.grpc\.pb\.h"), re.compile(r"libs/(rpc|runtime)/|services/[a-z]+/([a-z_]*grpc_service|[a-z_]*_client|module|main)|tools/|tests/"),
     "gRPC stays in libs/rpc, libs/runtime, grpc_service.cc and client adapters"),
    (re.compile(r"sqlite3\.h|libpq-fe\.h"), re.compile(r"libs/(sql|testing)/|tests/"), "database drivers stay in libs/sql"),
    (re.compile(r"librdkafka/"), re.compile(r"libs/(events|testing)/|tests/"), "Kafka stays in libs/events"),
    (re.compile(r"prometheus/"), re.compile(r"libs/observe/"), "prometheus-cpp stays in libs/observe"),
    (re.compile(r"openssl/"), re.compile(r"libs/(emrtd|pki|seal|audit|authz|rpc|base)/.*\.cc|libs/sql/migrate\.cc|libs/pki/openssl\.h|tools/(specimen|gatehouse)/|tests/|.*_test\.cc|.*_benchmark\.cc"),
     "OpenSSL stays behind the .cc files of the knowledge libraries"),
]
# Domain files of a service: levels 0 and 1 only.
ADAPTER_FILE = re.compile(r"(convert|conditions|grpc_service|store|schema|events|module|main|local_index|policy_file|[a-z_]+_client|[a-z_]+_test|[a-z_]*test[a-z_]*|[a-z_]+_benchmark)\.(h|cc)$")
DOMAIN_SYMBOLS = re.compile(r" U .*(grpc|google::protobuf|sqlite3_|\bPQ[a-z]|rd_kafka|prometheus)")
LOG_CALL = re.compile(r"\b(LogInfo|LogWarning|LogError|observe::Log|Log)\s*\((?P<arguments>[^;]*);", re.S)
PERSONAL = re.compile(r"Reveal\(|primary_identifier|secondary_identifier|birth_date|document_number|\bmrz\(\)|name_raw|full_name\(\)|[.>](primary|secondary|mrz_name)\b|identity\.name\b|\.number\b")
BANNED = re.compile(r"\b(TODO|FIXME|XXX:|HACK)\b|DISABLED_|EXPECT_TRUE\(true\)|ASSERT_TRUE\(true\)")


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *patterns], cwd=ROOT, capture_output=True,
                         text=True, check=True).stdout
    return [line for line in out.splitlines() if (ROOT / line).is_file()]


def layer_of(path):
    for folder, layer in LAYERS.items():
        if path.startswith(folder + "/"):
            return layer
    if path.startswith("services/"):
        return 6 if path.startswith("services/post/") or path.endswith("/main.cc") else 5 if ADAPTER_FILE.search(path) else 4
    return 7


def is_test(path):
    return bool(re.search(r"(_test|_benchmark|_conformance|_fuzz|testing|_for_tests)\.(cc|h)$", path)) or path.startswith(("tests/", "libs/testing/"))


def check_includes(path, text):
    mine = layer_of(path)
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'#include ["<]([^">]+)[">]', line)
        if not match:
            continue
        target = match.group(1)
        for fenced, allowed, why in FENCED:
            if fenced.search(target) and not allowed.match(path) and not is_test(path):
                yield f"{path}:{number}: includes {target}: {why}"
        if is_test(path):
            continue
        if target.startswith("libs/testing/"):
            yield f"{path}:{number}: libs/testing is for tests only"
        if target.endswith(".pb.h") and mine < 2:
            yield f"{path}:{number}: knowledge libraries know no protobuf"
        if target.endswith(".pb.h") and mine == 4:
            yield f"{path}:{number}: domain files know no protobuf: convert.cc does"
        if target.startswith(("libs/", "services/")):
            theirs = layer_of(target)
            same_folder = pathlib.PurePath(path).parent == pathlib.PurePath(target).parent
            if mine == 4 and not same_folder and theirs > 1:
                yield f"{path}:{number}: the domain may use libs of levels 0 and 1 only, not {target}"
            elif theirs > mine and not same_folder:
                yield f"{path}:{number}: {target} is a layer above"
            if target.startswith("services/") and path.startswith("services/") and not same_folder and mine < 6:
                yield f"{path}:{number}: a service never includes another ({target}): they meet through protos"


def check_text(path, text):
    lines = text.splitlines()
    if len(lines) > MAX_FILE_LINES and not is_test(path):
        yield f"{path}:1: {len(lines)} lines; split by noun at {MAX_FILE_LINES}"
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE_CHARACTERS and "http" not in line:
            yield f"{path}:{number}: longer than {MAX_LINE_CHARACTERS} characters"
        if len(ROOT.parts) > 2 and f"{ROOT.parent}/" in line:
            yield f"{path}:{number}: a path of this machine"
        if BANNED.search(line):
            yield f"{path}:{number}: banned word: {BANNED.search(line).group(0)}"
    if path.endswith(".h") and "#pragma once" not in text:
        yield f"{path}:1: no #pragma once"
    if path.endswith(".h") and not text.startswith("//"):
        yield f"{path}:1: a header begins with what it is"


def check_logs(path, text):
    for match in LOG_CALL.finditer(text):
        if PERSONAL.search(match.group("arguments")):
            number = text[: match.start()].count("\n") + 1
            yield f"{path}:{number}: personal data in a log call"


def check_services():
    for folder in sorted((ROOT / "services").iterdir()):
        if folder.is_dir() and not (folder / "README.md").exists():
            yield f"services/{folder.name}: no README.md (what it decides, owns, who may call it, events, when it is down)"


def check_documents():
    """A path that a page names exists: ARCHITECTURE.md and the READMEs stay true when files move."""
    for page in tracked("*.md"):
        for number, line in enumerate((ROOT / page).read_text().splitlines(), 1):
            for path in re.findall(r"`((?:libs|services|tools|tests|protos|deploy|docs)/[\w./-]+\.(?:cc|h|md|py|proto|textproto))`", line):
                if not (ROOT / path).exists():
                    yield f"{page}:{number}: names {path}, which is not there"


# A runbook for each fault that operators must know, and what it must say: the condition, or the words of a refusal.
RUNBOOKS = {
    "hung-postgresql": "[a-z_]+\\.(module|store)",
    "full-disk": "runtime\\.disk|audit\\.log",
    "deaf-listener": "runtime\\.port",
    "stopped-service": "NOT_DONE",
    "removed-officer": "PERMISSION_DENIED|UNAUTHENTICATED",
    "poison-event": "dead_letters",
    "required-base": "watchlist\\.",
    "lost-database": "--begin-anew",
}
RUNBOOK_PARTS = ("seen|see ", "by itself", "a person", "over|see that")
MIN_RUNBOOK_LINES = 10


def check_runbook(path, text):
    """`text` is empty for a runbook that is not there."""
    fault = pathlib.PurePath(path).stem
    if len(text.splitlines()) < MIN_RUNBOOK_LINES:
        yield f"{path}: missing or too short: what is seen, what the system does, what a person does, how it is over"
        return
    if not re.search(RUNBOOKS.get(fault, ""), text):
        yield f"{path}: does not name its condition ({RUNBOOKS[fault]})"
    for part in RUNBOOK_PARTS:
        if not re.search(part, text, re.I):
            yield f"{path}: says nothing under \"{part}\""


def check_runbooks():
    for fault in RUNBOOKS:
        path = f"docs/runbooks/{fault}.md"
        yield from check_runbook(path, (ROOT / path).read_text() if (ROOT / path).exists() else "")


def check_format(files):
    for start in range(0, len(files), 50):
        result = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *files[start:start + 50]], cwd=ROOT,
                                capture_output=True, text=True)
        errors = [line for line in result.stderr.splitlines() if "error:" in line]
        for line in errors:
            yield line.split(": error:")[0] + ": not formatted; run tools/dev fmt"
        if result.returncode != 0 and not errors:
            yield f"clang-format-14: exit code {result.returncode}: {result.stderr.strip()[:200]}"


def check_domain_symbols(build):
    listing = pathlib.Path(build) / "domain.txt"
    if not listing.exists():
        yield f"{listing}: missing; build first"
        return
    if not listing.read_text().split():
        yield f"{listing}: names no domain archive, so nothing was checked"
    for archive in listing.read_text().split():
        result = subprocess.run(["nm", "-C", archive], capture_output=True, text=True)
        if result.returncode != 0:
            yield f"{archive}: nm failed; build first"
            continue
        for line in result.stdout.splitlines():
            if DOMAIN_SYMBOLS.search(line):
                yield f"{pathlib.Path(archive).name}: domain archive refers to {line.strip()[:100]}"
                break


# One breach per rule. A rule that does not see its own has been broken by a change here or of the layout.
BREACHES = [
    (check_includes, "services/traveller/register.cc", '#include "libs/sql/sql.h"\n', "levels 0 and 1 only"),
    (check_includes, "services/traveller/register.cc", '#include "gatehouse/type/v1/type.pb.h"\n', "no protobuf"),
    (check_includes, "services/traveller/convert.cc", '#include "services/document/trust.h"\n', "never includes another"),
    (check_includes, "libs/mrz/parse.cc", '#include "gatehouse/type/v1/type.pb.h"\n', "know no protobuf"),
    (check_includes, "libs/sql/writer.cc", '#include "libs/rpc/server.h"\n', "a layer above"),
    (check_includes, "libs/audit/log.cc", "#include <grpcpp/grpcpp.h>\n", "gRPC stays"),
    (check_includes, "services/document/store.cc", "#include <sqlite3.h>\n", "drivers stay"),
    (check_includes, "libs/sql/writer.cc", "#include <librdkafka/rdkafka.h>\n", "Kafka stays"),
    (check_includes, "libs/rpc/handle.cc", "#include <prometheus/counter.h>\n", "prometheus-cpp stays"),
    (check_includes, "services/document/store.cc", "#include <openssl/evp.h>\n", "OpenSSL stays"),
    (check_includes, "libs/rpc/handle.cc", '#include "libs/testing/fake_clock.h"\n', "for tests only"),
    (check_text, "libs/base/made_up.cc", "\n" * (MAX_FILE_LINES + 1), "split by noun"),
    (check_text, "libs/base/made_up.cc", "x" * (MAX_LINE_CHARACTERS + 1), "longer than"),
    (check_text, "libs/base/made_up.cc", "// TO" + "DO\n", "banned word"),
    (check_text, "libs/base/made_up.h", "// What it is.\n", "no #pragma once"),
    (check_text, "libs/base/made_up.h", "#pragma once\n", "begins with what it is"),
    (check_logs, "libs/base/made_up.cc", 'LogInfo("seen", {{"who", identity.name.primary}});', "personal data"),
    (check_runbook, "docs/runbooks/deaf-listener.md", "", "missing or too short"),
    (check_runbook, "docs/runbooks/deaf-listener.md", "Seen. by itself. a person. is over.\n" * 12, "does not name its condition"),
    (check_runbook, "docs/runbooks/deaf-listener.md", "Seen: runtime.port\n" * 12, "says nothing under"),
    (check_logs, "libs/base/made_up.cc", 'LogWarning("bad",\n {{"mrz", input.mrz.Reveal()}});', "personal data"),
]


def check_rules():
    for rule, path, text, expected in BREACHES:
        if not any(expected in finding for finding in rule(path, text)):
            yield f"tools/lint/lint.py: {rule.__name__} does not see a breach of \"{expected}\" in {path}"
    for symbol in ("grpc::Channel::Channel()", "google::protobuf::Arena::Init()", "sqlite3_open", "PQexec", "rd_kafka_new"):
        if not DOMAIN_SYMBOLS.search(f"                 U {symbol}"):
            yield f"tools/lint/lint.py: check_domain_symbols does not see {symbol}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    options = parser.parse_args()
    findings = []
    sources = tracked("*.h", "*.cc")
    if not sources:
        findings.append("lint: git lists no source, so nothing was checked")
    for path in sources:
        text = (ROOT / path).read_text(errors="replace")
        findings += check_includes(path, text)
        findings += check_text(path, text)
        findings += check_logs(path, text)
    findings += check_rules()
    findings += check_services()
    findings += check_documents()
    findings += check_runbooks()
    findings += sorted(set(check_format(sources)))
    findings += check_domain_symbols(options.build)
    for finding in findings:
        print(finding)
    print(f"lint: {len(sources)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
