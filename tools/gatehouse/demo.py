#!/usr/bin/env python3
"""A day at a border post, with the real binaries: `tools/dev demo` and `tools/dev run`.

  demo.py --bin DIR            a synthetic State, 40 travellers, totals; what specimen says must come out, comes out
  demo.py --bin DIR --serve    the same, and the post stays
  demo.py --bin DIR --run      a post in run/ for the hand, keeping what is there, until interrupted

Everything is written below run/. With $GATEHOUSE_DATA the labelled test chips and the national master lists are judged
too. The exit code is 0 only when every expectation held.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RUN = ROOT / "run"
SEED = 7
USUAL_PORT = 7443  # what `gatehouse` calls when nothing else is said
START_SECONDS = 20
STOP_SECONDS = 20
MARKS = {"successful": "+", "failed": "-", "not_done": ".", "not_supported": "o"}

ON_A_TERMINAL = sys.stdout.isatty() and "NO_COLOR" not in os.environ
COLOURS = {"bold": "1", "good": "32", "bad": "31", "doubt": "33"} if ON_A_TERMINAL else {}


def paint(text, colour):
    return f"\033[{COLOURS[colour]}m{text}\033[0m" if colour in COLOURS else text


def say(title, detail=""):
    print(paint(f"== {title}", "bold") + (f"  {detail}" if detail else ""), flush=True)


def table(rows, indent="   "):
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows)]
    for row in rows:
        print(indent + "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


class Failed(Exception):
    """Something did not go as it must; the text says what and what to do."""


class Expectations:
    def __init__(self):
        self.held = 0
        self.broken = []

    def expect(self, what, expected, found):
        if expected == found:
            self.held += 1
        else:
            self.broken.append(f"{what}: expected {expected}, found {found}")


class Gatehouse:
    """The command line, as any script would use it: JSON lines and exit codes."""

    def __init__(self, folder, server=None):
        self.program = str(folder / "gatehouse")
        self.server = server

    def run(self, identity, *verb, allowed=(0,)):
        command = [self.program, *map(str, verb), "--json"]
        if self.server:
            command += ["--server", self.server, "--pki", str(RUN / "pki"), "--as", identity]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
        if done.returncode not in allowed:
            what = " ".join(map(str, verb[:2]))
            raise Failed(f"gatehouse {what}: exit code {done.returncode}: {done.stderr.strip()}")
        return [json.loads(line) for line in done.stdout.splitlines()]


class Post:
    """gatehouse-post in run/, configured by deploy/examples/post.textproto with paths and ports of our own."""

    def __init__(self, folder, port):
        self.program = folder / "gatehouse-post"
        self.port = port
        self.process = None

    def start(self):
        refuse_if_running()
        (RUN / "keys").mkdir(mode=0o700, exist_ok=True)
        port_file = RUN / "port"
        port_file.unlink(missing_ok=True)
        config = (ROOT / "deploy/examples/post.textproto").read_text()
        for ours, example in ((RUN / "pki", "/etc/gatehouse/pki"), (RUN / "data", "/var/lib/gatehouse/post"),
                              (RUN / "keys", "/var/lib/gatehouse/keys"),
                              (ROOT / "deploy/authorization/matrix.textproto", "/etc/gatehouse/matrix.textproto")):
            config = config.replace(example, str(ours))
        config = config.replace("127.0.0.1:7480", "127.0.0.1:0")
        issuer = RUN / "country/notices/issuer.der"
        if issuer.exists():
            config = config.replace("document {", f'document {{\n  notice_issuer_files: "{issuer}"', 1)
        config = re.sub(r'listen: "127.0.0.1:7443"',
                        f'listen: "127.0.0.1:{self.port}"\n  port_file: "{port_file}"', config, count=1)
        (RUN / "post.textproto").write_text(config)
        begin = time.monotonic()
        with open(RUN / "post.log", "ab") as log:
            self.process = subprocess.Popen([self.program, "--config", RUN / "post.textproto"], cwd=ROOT, stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        (RUN / "post.pid").write_text(f"{self.process.pid}\n")
        while not port_file.exists():
            if self.process.poll() is not None or time.monotonic() - begin > START_SECONDS:
                raise Failed(f"gatehouse-post did not start:\n{(RUN / 'post.log').read_text(errors='replace')[-1500:]}")
            time.sleep(0.01)
        self.port = int(port_file.read_text())
        return time.monotonic() - begin

    @property
    def address(self):
        return f"localhost:{self.port}"

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS)
        (RUN / "post.pid").unlink(missing_ok=True)
        if code != 0:
            raise Failed(f"gatehouse-post ended with {code}; see run/post.log")


def refuse_if_running():
    """A post of an earlier --serve still has run/."""
    try:
        pid = int((RUN / "post.pid").read_text())
        if "gatehouse-post" in os.readlink(f"/proc/{pid}/exe"):
            raise Failed(f"a post already runs in {RUN}: stop it with  kill {pid}")
    except (FileNotFoundError, ValueError, PermissionError):
        pass


def port_or_any(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return port
        except OSError:
            return 0


def make_state(folder, at):
    command = [folder / "specimen", "make", "--seed", str(SEED), "--out", RUN / "country"]
    begin = time.monotonic()
    subprocess.run(command + (["--at", at] if at else []), cwd=ROOT, check=True, stdin=subprocess.DEVNULL)
    travellers = json.loads((RUN / "country/travellers.json").read_text())
    say(f"a synthetic State from seed {SEED}", f"{len(travellers)} travellers, {time.monotonic() - begin:.1f} s")
    return travellers


def accept_trust(gatehouse, results):
    """The second person: what another one imported is used from then on."""
    for import_id in {result["import_id"] for result in results if result["pending"]}:
        for accepted in gatehouse.run("trust-operator-2", "trust", "accept", import_id):
            print(f"   accepted by {', '.join(accepted['accepted_by'])}, imported by {accepted['imported_by']}")


def import_all(gatehouse):
    country = RUN / "country"
    results = gatehouse.run("trust-operator", "trust", "import", country / "trust")
    for result in results:
        known = f", {result['already_known']} known already" if result["already_known"] else ""
        waiting = f", {result['pending']} of them for the second person" if result["pending"] else ""
        print(f"   {result['name']:18} {result['kind']:16} {result['accepted']} new{waiting}{known}")
    accept_trust(gatehouse, results)
    for base, kind, file in (("stolen-documents", "document-csv", "stolen.csv"),
                             ("wanted-persons", "un-xml", "persons.xml")):
        for result in gatehouse.run("list-owner", "watchlist", "import", "--base", base, "--format", kind,
                                    country / "lists" / file):
            print(f"   {base:18} {kind:16} {result['records']} records, {result['rejected']} rejected")
        # The State may be made for another day: two people say that this edition is the current one.
        for owner in ("list-owner", "list-owner-2"):
            said = gatehouse.run(owner, "watchlist", "confirm", "--base", base)[0]
        print(f"   {base:18} confirmed current by {', '.join(said['confirmed_by'])}")


def import_notices(gatehouse):
    bundle = RUN / "country/notices/utopia.cms"
    if not bundle.exists():
        return
    for made in gatehouse.run("trust-operator", "notice", "import", bundle):
        print(f"   {bundle.name:18} {'notices':16} {made['added']} new, {made['replaced']} replaced, "
              f"{made['refused']} left out")


def look_where_notices_say(gatehouse, travellers, expectations):
    """The document on the list of stolen ones is also of a box of blanks that a notice warns of."""
    for traveller in travellers:
        if traveller["fault"] != "stolen_number":
            continue
        report = gatehouse.run("officer-1", "document", "verify", RUN / "country" / traveller["folder"],
                               allowed=(0, 1))[0]
        for notice in report["notices"]:
            print(f"   {notice['kind']} {notice['id']}: {notice['look_here']}")
        expectations.expect("notice on the stolen blank", "UTO-BLANKS-1",
                            next((notice["id"] for notice in report["notices"]), ""))
        expectations.expect("check of the notices", "undetermined",
                            next(check["state"] for check in report["tr03135"] if check["id"] == "fraud_notices"))
        for counted in gatehouse.run("auditor", "notice", "stats"):
            print(f"   {counted['id']} fitted {counted['matches']} documents")


def outcome_of(inspection):
    """What a careful officer does: a document proven false is refused, a doubt goes to the second line."""
    if inspection["recommendation"]["outcome"] == "clear":
        return "admit"
    return "refuse" if inspection.get("document_report", {}).get("overall") == "invalid" else "refer"


def line_of(number, inspection, outcome):
    identity = inspection.get("identity", {})
    parts = identity.get("name", {})
    name = ", ".join(filter(None, (parts.get("primary"), parts.get("secondary"))))
    document = identity.get("document", {})
    marks = "".join(MARKS.get(check["status"], "?") for check in inspection["checks"])
    recommendation = inspection["recommendation"]
    colour = {"admit": "good", "refuse": "bad"}.get(outcome, "doubt")
    why = " ".join(reason["text"] for reason in recommendation["reasons"])
    return (f"   {number:>2}  {document.get('issuer', ''):3} {document.get('number', ''):12}  {name:26.26}  {marks}  "
            f"{paint(recommendation['outcome'].ljust(5), colour)}  {paint(outcome.ljust(6), colour)}  "
            f"{inspection['duration_ms']:6.1f} ms  {why}").rstrip()


def inspect_everybody(gatehouse, travellers, expectations):
    """One after another, as they stand in the queue: the history of one is there when the next comes."""
    day = []
    for number, traveller in enumerate(travellers, 1):
        inspection = gatehouse.run("officer-1", "inspect", RUN / "country" / traveller["folder"], allowed=(0, 1))[0]
        if number == 1:
            print("   checks: " + " ".join(check["id"] for check in inspection["checks"]) +
                  "   (+ successful, - failed, . not done, o not supported, ? undetermined)")
        outcome = outcome_of(inspection)
        reasons = inspection["recommendation"]["reasons"]
        reason = ["--reason", re.sub("[^A-Z0-9]+", "_", reasons[0]["rule"].upper())[:32]] if reasons else []
        decision = gatehouse.run("officer-1", "decide", inspection["inspection_id"], "--outcome", outcome, *reason)[0]
        print(line_of(number, inspection, outcome), flush=True)
        who = f"traveller {number} ({traveller['fault']})"
        expectations.expect(f"{who}, recommendation", traveller["recommendation"],
                            inspection["recommendation"]["outcome"])
        if traveller["overall"]:
            expectations.expect(f"{who}, passive authentication", traveller["overall"],
                                inspection.get("document_report", {}).get("overall"))
        day.append((inspection, outcome, decision))
    return day


def print_totals(gatehouse, day, expectations):
    recommended = collections.Counter(inspection["recommendation"]["outcome"] for inspection, _, _ in day)
    outcomes = collections.Counter(outcome for _, outcome, _ in day)
    say("totals", f"{len(day)} inspected: {recommended['clear']} clear, {recommended['refer']} referred; "
        f"decided: {outcomes['admit']} admitted, {outcomes['refuse']} refused, {outcomes['refer']} to the second line")
    reasons = collections.Counter(reason["text"] for inspection, _, _ in day
                                  for reason in inspection["recommendation"]["reasons"])
    table([(count, text) for text, count in reasons.most_common()])

    crossings = gatehouse.run("officer-1", "crossings", "list", "--limit", "1000000")
    say("crossings", f"{len(crossings)} recorded")
    expectations.expect("crossings", outcomes["admit"] + outcomes["refuse"], len(crossings))
    expectations.expect("crossings stored at once", len(crossings),
                        sum(decision["decision"]["crossing_state"] == "stored" for _, _, decision in day))

    events = gatehouse.run("operator", "events", "tail")
    say("events", f"{len(events)} in the outboxes")
    types = collections.Counter(event["type"] for event in events)
    table([(count, kind) for kind, count in sorted(types.items())])
    expectations.expect("events, each id once", len(events), len({event["id"] for event in events}))
    expectations.expect("crossing events", len(crossings), types["gatehouse.traveller.crossing_recorded.v1"])


def verify_audit(gatehouse, expectations):
    report = gatehouse.run("auditor", "audit", "verify", "--dir", RUN / "data/audit", allowed=(0, 1))[0]
    say("audit", f"{'the chain holds' if report['holds'] else 'THE CHAIN DOES NOT HOLD'}: {report['leaves']} leaves in "
        f"{report['segments']} segment{'s'[report['segments'] == 1:]}, head {report['head'][:16]}")
    expectations.expect("audit chain", True, report["holds"])


def verify_labelled_chips(folder, data, expectations):
    chips = sorted((data / "emrtd/synthetic").glob("*/expected.json"))
    if not chips:
        return
    say("labelled test chips", f"{len(chips)}, each against the authority beside it (document verify --local)")
    gatehouse = Gatehouse(folder)
    rows = []
    for label in chips:
        expected = json.loads(label.read_text())
        trust = [argument for file in sorted(label.parent.glob("csca*.der")) for argument in ("--trust", file)]
        crls = [argument for file in sorted(label.parent.glob("*.crl")) for argument in ("--crl", file)]
        report = gatehouse.run("", "document", "verify", "--local", *trust, *crls, "--at", expected["check_time"],
                               label.parent, allowed=(0, 1))[0]
        found = dict(report["checks"], overall=report["overall"],
                     dg_hashes={str(group["number"]): group["state"] for group in report["data_groups"]})
        for key, value in expected["expected"].items():
            expectations.expect(f"chip {label.parent.name}, {key}", value, found.get(key))
        rows.append((label.parent.name, report["overall"], expected["desc"]))
    table(rows)


def verify_reference_chips(folder, data, expectations):
    """Chips of real test documents whose authority was never published: genuine data, an unknown signer."""
    rows = []
    for chip in sorted((data / "emrtd/chips").glob("*/EF_SOD.bin")):
        links = RUN / "chips" / chip.parent.name
        links.mkdir(parents=True, exist_ok=True)
        for file in chip.parent.glob("*.bin"):
            name = re.sub("^Datagroup", "EF.DG", file.name).replace("EF_", "EF.")
            if re.fullmatch(r"EF\.(COM|SOD|DG\d+)\.bin", name):
                (links / name).symlink_to(file)
        report = Gatehouse(folder).run("", "document", "verify", "--local", links, allowed=(0, 1))[0]
        checks = report["checks"]
        expectations.expect(f"chip {chip.parent.name}, signature", "valid", checks["sod_signature"])
        expectations.expect(f"chip {chip.parent.name}, chain", "no_trust_anchor", checks["chain"])
        groups = collections.Counter(group["state"] for group in report["data_groups"])
        rows.append((chip.parent.name, report["overall"], f"signature {checks['sod_signature']}",
                     f"chain {checks['chain']}", ", ".join(f"{count} {state}" for state, count in groups.items())))
    if rows:
        say("reference test chips",
            f"{len(rows)}, with an empty trust store; each holds a DG15 that nobody signed")
        table(rows)


def import_master_lists(gatehouse, data, expectations):
    lists = sorted(file for file in (data / "emrtd/ml").glob("*.ml*") if not file.name.startswith("synthetic"))
    if not lists:
        return
    say("national master lists", "imported beside the synthetic State's trust")
    rows = [("file", "signer", "accepted", "known", "rejected")]
    results = gatehouse.run("trust-operator", "trust", "import", *lists, allowed=(0, 1))
    for result in results:
        rows.append((result["name"], result["signer"], result["accepted"], result["already_known"], result["rejected"]))
        expectations.expect(f"{result['name']}, signature", "valid", result["signer"])
        expectations.expect(f"{result['name']}, rejected", 0, result["rejected"])
    table(rows)
    accept_trust(gatehouse, results)


def demo(options):
    refuse_if_running()
    shutil.rmtree(RUN, ignore_errors=True)
    RUN.mkdir()
    begin = time.monotonic()
    expectations = Expectations()
    travellers = make_state(options.bin, options.at)
    Gatehouse(options.bin).run("", "pki", "init", "--dir", RUN / "pki")
    post = Post(options.bin, port_or_any(USUAL_PORT) if options.serve else 0)
    try:
        seconds = post.start()
        gatehouse = Gatehouse(options.bin, post.address)
        say("a post", f"gatehouse-post on SQLite at {post.address}, mTLS, ready in {seconds:.1f} s")
        say("trust, from two trust operators; lists, from their owner")
        import_all(gatehouse)
        import_notices(gatehouse)
        say("the queue", "inspected and decided by officer-1")
        day = inspect_everybody(gatehouse, travellers, expectations)
        print_totals(gatehouse, day, expectations)
        say("notices", "where to look, for officer-1")
        look_where_notices_say(gatehouse, travellers, expectations)
        verify_audit(gatehouse, expectations)
        if os.environ.get("GATEHOUSE_DATA"):
            data = pathlib.Path(os.environ["GATEHOUSE_DATA"]).resolve()
            verify_labelled_chips(options.bin, data, expectations)
            verify_reference_chips(options.bin, data, expectations)
            import_master_lists(gatehouse, data, expectations)
    except BaseException:
        post.stop()
        raise
    if options.serve:
        print_next_commands(options.bin, post)
    else:
        post.stop()
    return print_verdict(expectations, time.monotonic() - begin)


def print_verdict(expectations, seconds):
    for broken in expectations.broken:
        print("   " + paint(broken, "bad"))
    total = expectations.held + len(expectations.broken)
    verdict = f"{expectations.held} of {total} expectations held, {seconds:.1f} s"
    say(paint(verdict, "bad" if expectations.broken else "good"))
    return 1 if expectations.broken else 0


def print_next_commands(folder, post):
    program = os.path.relpath(folder / "gatehouse", ROOT)
    where = "" if post.port == USUAL_PORT else f" --server {post.address}"
    say("the post serves", f"process {post.process.pid} at {post.address}; its log is run/post.log. Next, from {ROOT}:")
    for verb in ("inspect --direction exit run/country/travellers/01", "inspections list --state referred",
                 "decide ID --outcome admit --as officer-2", "crossings list", "watchlist bases",
                 "trust list --as auditor", "events tail --as operator", "audit verify --dir run/data/audit"):
        print(f"   {program} {verb}{'' if verb.startswith('audit') else where}")
    print(f"   kill {post.process.pid}")


def run(options):
    RUN.mkdir(exist_ok=True)
    if not (RUN / "country").exists():
        make_state(options.bin, options.at)
    Gatehouse(options.bin).run("", "pki", "init", "--dir", RUN / "pki")
    post = Post(options.bin, port_or_any(USUAL_PORT))
    try:
        post.start()
        gatehouse = Gatehouse(options.bin, post.address)
        if not gatehouse.run("auditor", "trust", "list"):
            import_all(gatehouse)
            import_notices(gatehouse)
        print_next_commands(options.bin, post)
        post.process.wait()
    except KeyboardInterrupt:
        say("stopping")
    finally:
        post.stop()
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of the binaries")
    parser.add_argument("--serve", action="store_true", help="leave the post running")
    parser.add_argument("--run", action="store_true", help="a post for the hand, keeping run/, until interrupted")
    parser.add_argument("--at", help="the day the travellers' documents are made for, RFC 3339; today when left out")
    options = parser.parse_args()
    options.bin = options.bin.resolve()
    # Whoever ends us, the post that we started ends with us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return run(options) if options.run else demo(options)
    except Failed as failed:
        print(f"demo: {failed}", file=sys.stderr)
    except subprocess.CalledProcessError as error:
        print(f"demo: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("demo: interrupted", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
