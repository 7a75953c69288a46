"""A process that delivers in children of its own, which kill themselves: `python -m …` URL.

Each line on stdin is the number of the step to be killed at: a statement, a commit, or the return of one, on any
connection. The child's process id is answered, and how it ended: 0 if it was done before it came so far.
"""

import os
import signal
import sys
import threading

import sqlalchemy as sa
import svix.webhooks  # noqa: F401  or each child would load it anew

from foundation.logs import configure_logs
from storefront.services import Services, build_services
from tests.shop import settings_for


def kill_at(engine: sa.Engine, step: int) -> None:
    """Let this process be killed at the step of this number."""
    left = [step]
    lock = threading.Lock()

    def count(*_: object, **__: object) -> None:
        with lock:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "commit"):
        sa.event.listen(engine, name, count)
    sa.event.listen(engine.pool, "checkin", count)


def deliver(services: Services) -> None:
    """Deliver all that is due."""
    while services.relay.deliver_due():
        pass
    services.close()


def main() -> None:
    """Fork for each line; nothing is open yet, so that the child shares nothing with this process."""
    (database_url,) = sys.argv[1:]
    configure_logs("console", "ERROR")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            services = build_services(settings_for(database_url))
            kill_at(services.sessions.engine, int(line))
            deliver(services)
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
