"""A post of its own for one measurement: a synthetic State, certificates, the example configuration and the process."""
import json
import os
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
START_SECONDS = 30
STOP_SECONDS = 20
CLOCK_TICK = os.sysconf("SC_CLK_TCK")

class Post:
    """With its State imported: `with Post(bin, folder, travellers=2000) as post:`"""

    def __init__(self, binaries, folder, travellers):
        self.binaries = pathlib.Path(binaries)
        self.folder = pathlib.Path(folder)
        self.travellers = travellers
        self.state = self.folder / "state"
        self.pki = self.folder / "pki"
        self.process = None
        self.server = None

    def __enter__(self):
        try:
            self._run("specimen", "make", "--travellers", str(self.travellers), "--only-rsa", "--out", str(self.state))
            self._run("gatehouse", "pki", "init", "--pki", str(self.pki))
            self._start()
            trust = sorted(str(path) for path in (self.state / "trust").iterdir())
            imported = json.loads(self.gatehouse("trust-operator", "trust", "import", "--json", *trust).splitlines()[0])
            self.gatehouse("trust-operator-2", "trust", "accept", imported["import_id"])
            for base, form, name in (("stolen-documents", "document-csv", "stolen.csv"),
                                     ("wanted-persons", "un-xml", "persons.xml")):
                self.gatehouse("list-owner", "watchlist", "import", "--base", base, "--format", form,
                               str(self.state / "lists" / name))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def gatehouse(self, identity, *arguments):
        return self._run("gatehouse", *arguments, "--server", self.server, "--pki", str(self.pki), "--as", identity)

    def load(self, *arguments):
        """What gatehouse-load prints, as JSON text."""
        return self._run("gatehouse-load", "--server", self.server, "--pki", str(self.pki), "--state", str(self.state),
                         "--json", *arguments)

    def rss_mb(self):
        return self._status_mb("VmRSS")

    def peak_mb(self):
        return self._status_mb("VmHWM")

    def _status_mb(self, name):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("no " + name)

    def cpu_seconds(self):
        # Fields 14 and 15, counted behind the name, which may hold spaces.
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICK

    def switches(self):
        """Of all threads that live: each is a thread that was put aside for another, mostly because it waited."""
        count = 0
        for status in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/status"):
            try:
                lines = status.read_text().splitlines()
            except OSError:  # a thread that has just ended
                continue
            count += sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)
        return count

    def _start(self):
        config = self.folder / "post.textproto"
        port = self.folder / "port"
        text = (ROOT / "deploy/examples/post.textproto").read_text()
        for example, ours in (("/etc/gatehouse/pki", self.pki), ("/var/lib/gatehouse", self.folder / "store"),
                              ("/etc/gatehouse/matrix.textproto", ROOT / "deploy/authorization/matrix.textproto"),
                              ("127.0.0.1:7480", "127.0.0.1:0")):
            text = text.replace(example, str(ours))
        (self.folder / "store/keys").mkdir(parents=True)
        config.write_text(text.replace('listen: "127.0.0.1:7443"', f'listen: "127.0.0.1:0"\n  port_file: "{port}"'))
        log = self.folder / "post.log"
        with open(log, "wb") as out:
            self.process = subprocess.Popen([str(self.binaries / "gatehouse-post"), "--config", str(config)],
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        deadline = time.monotonic() + START_SECONDS
        while not port.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("gatehouse-post did not start: " + log.read_text(errors="replace")[-2000:])
            time.sleep(0.05)
        self.server = "localhost:" + port.read_text().strip()

    def _run(self, program, *arguments):
        done = subprocess.run([str(self.binaries / program), *arguments], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()[-1000:]
            raise RuntimeError(f"{program} {' '.join(arguments[:2])}: exit code {done.returncode}: {said}")
        return done.stdout
