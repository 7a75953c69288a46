"""The baseline of the webhooks' benchmark: a bare Flask view that verifies with svix and commits one row."""

import os
import sys
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, request
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from svix.webhooks import Webhook

from foundation.database import Sessions
from storefront.server import THREADS

URL = "BARE_DATABASE_URL"
SECRET = "BARE_WEBHOOK_SECRET"  # noqa: S105  the name of a variable
TABLE = sa.Table(
    "bare_messages",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("svix_id", sa.String(255), unique=True),
    sa.Column("body", sa.LargeBinary),
)


def make_app() -> Flask:
    """The bare application."""
    app = Flask("bare")
    sessions, webhook = Sessions(os.environ[URL]), Webhook(os.environ[SECRET])
    with sessions.begin() as session:
        TABLE.create(session.connection(), checkfirst=True)

    @app.post("/webhook")
    def receive() -> Response:
        body = request.get_data()
        webhook.verify(body, dict(request.headers))
        with sessions.begin() as session:
            session.execute(TABLE.insert().values(svix_id=request.headers["svix-id"], body=body))
        return Response(status=204)

    return app


def main(port: int) -> None:
    """Serve it as the storefront is served."""
    server = Server(
        "bare",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.error,
    )
    server.serve(target_loader=_load, wrap_loader=False)


def _load() -> Any:  # noqa: ANN401  a WSGI application
    return make_app()


if __name__ == "__main__":
    main(int(sys.argv[1]))
