"""The baselines: `python -m benchmarks.bare wsgi|flask PORT FILE` serves the file's bytes, as little as can be done.

They run on the same server as the storefront, with the same settings.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response

from storefront.server import web_server

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def bare_wsgi(body: bytes) -> "WSGIApplication":
    """Neither a route nor a key: ready bytes, whatever is asked."""
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]

    def app(_environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response("200 OK", headers)
        return (body,)

    return app


def bare_flask(body: bytes) -> "WSGIApplication":
    """One view that returns ready bytes."""
    app = Flask("bare")
    app.add_url_rule("/v1/products", view_func=lambda: Response(body, mimetype="application/json"))
    return app


KINDS = {"wsgi": bare_wsgi, "flask": bare_flask}


def main() -> None:
    """Serve until told to end."""
    kind, port, file = sys.argv[1:]
    web_server("WARNING", "127.0.0.1", int(port), 1).serve(target_loader=Loader(kind, file), wrap_loader=False)


class Loader:
    """Makes the application in the process that serves it."""

    def __init__(self, kind: str, file: str) -> None:
        self._kind, self._file = kind, file

    def __call__(self) -> "WSGIApplication":
        """The application."""
        return KINDS[self._kind](Path(self._file).read_bytes())


if __name__ == "__main__":
    main()
