"""A process that runs syncs in children of its own, so that a test can kill them: `python -m …` URL GOODY_URL KEY.

Each line on stdin is a number of seconds by which the clock is ahead. The child's process id is answered, and in the
end what became of it: how it exited, or the signal that killed it.
"""

import os
import sys
from datetime import UTC, datetime, timedelta

from catalog_sync.crawling.brake import Limits
from catalog_sync.runs import PUBLISHED
from catalog_sync.sync import CatalogSync
from foundation.database import Sessions
from foundation.goody.client import connect
from foundation.logs import configure_logs


def sync(database_url: str, goody_url: str, key: str, ahead: float) -> int:
    """One run; 0 if it published what it read."""
    configure_logs("console", "ERROR")
    sessions = Sessions(database_url)
    with connect(goody_url, key) as client:
        syncs = CatalogSync(
            sessions,
            lambda _app_id: client,
            lambda: datetime.now(UTC) + timedelta(seconds=ahead),
            limits=Limits(100, 10_000, 100),
        )
        run = syncs.run("app_one")
    sys.stderr.write("" if run.status in PUBLISHED else f"{run}\n")
    return 0 if run.status in PUBLISHED else 1


def main() -> None:
    """Fork for each line; nothing is open yet, so that the child shares nothing with this process."""
    database_url, goody_url, key = sys.argv[1:]
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(sync(database_url, goody_url, key, float(line)))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
