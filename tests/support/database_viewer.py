"""A database viewer that will not let go: `database_viewer FILE SECONDS`.

It tries to begin a transaction, without a pause, until it has one; writes `locked`, keeps it for so
many seconds, writes `released`.
"""

import sqlite3
import sys
import time


def _has_begun(db: sqlite3.Connection) -> bool:
    try:
        db.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        return False
    return True


def main(file: str, seconds: float) -> None:
    """Hold the file."""
    db = sqlite3.connect(file, timeout=0, isolation_level=None)
    while not _has_begun(db):
        pass
    sys.stdout.write("locked\n")
    time.sleep(seconds)
    db.rollback()
    sys.stdout.write("released\n")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
