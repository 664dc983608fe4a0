"""What a passage stores, in bytes: `stored_bytes.py BUILD`, where BUILD is a build folder.

A post of its own takes passages of a synthetic State; what its databases and its audit log grew by is divided by the
passages. Pages count as they are used, so the figure is what a disk loses, and no time is in it.
"""
import json
import pathlib
import sqlite3
import sys
import tempfile
import time

from post import Post

TRAVELLERS = 200
RATE = 40
SECONDS = 15
# The outbox is counted and listed apart: it is pruned by age, the rest is what is kept.
KEPT_FOR_A_TIME = "event_outbox"


def sizes(store):
    """Bytes of every table and index, as (database, name), and of the audit log."""
    found = {}
    for path in sorted(store.rglob("*.db")):
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            for name, size in connection.execute("SELECT name, SUM(pgsize) FROM dbstat GROUP BY name"):
                found[path.stem, name] = size
        finally:
            connection.close()
    found["audit", "segments"] = sum(path.stat().st_size for path in store.rglob("audit/*.seg"))
    return found


def inspections(store):
    path, = store.rglob("inspection.db")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute("SELECT COUNT(*) FROM inspection").fetchone()[0]
    finally:
        connection.close()


def main():
    binaries = pathlib.Path(sys.argv[1]) / "bin"
    with tempfile.TemporaryDirectory() as folder, Post(binaries, folder, TRAVELLERS) as post:
        store = post.folder / "store"
        before = sizes(store)
        run = json.loads(post.load("--rate", str(RATE), "--seconds", str(SECONDS)))
        if run["errors"]:
            raise SystemExit(f"passages failed: {run['errors']}")
        time.sleep(1)
        after, passages = sizes(store), inspections(store)
    total = 0
    for place in sorted(after):
        grown = (after[place] - before.get(place, 0)) / passages
        if KEPT_FOR_A_TIME not in place[1]:
            total += grown
        if grown >= 1:
            print(f"{grown:8.0f}  {'.'.join(place)}")
    print(f"{total:8.0f}  bytes a passage, the outbox apart; {passages} passages")


if __name__ == "__main__":
    main()
