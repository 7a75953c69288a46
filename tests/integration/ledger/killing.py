"""A process that books in children of its own, so that a test can kill them: `python -m …` URL APP.

Each line on stdin begins a child. Its process id is answered, and in the end how it exited, or what killed it.
"""

import os
import sys

from foundation.clock import utc_now
from foundation.database import Sessions
from foundation.logs import configure_logs
from payments.ledger.journal import Ledger
from payments.revenue_share.accounting import Accountant
from tests.integration.ledger.sales import Shelf


def book(database_url: str) -> int:
    """Book all that is due."""
    configure_logs("console", "ERROR")
    sessions = Sessions(database_url)
    accountant = Accountant(sessions, Ledger(utc_now), Shelf(), utc_now)
    while accountant.book_due():
        pass
    accountant.close()
    sessions.dispose()
    return 0


def main() -> None:
    """Fork for each line; nothing is open yet, so that the child shares nothing with this process."""
    (database_url,) = sys.argv[1:]
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(book(database_url))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
