"""Templates put into answers."""

from flask import Response, render_template


def page(template: str, status: int = 200, /, **context: object) -> Response:
    """Return a page."""
    return Response(render_template(template, **context), status, mimetype="text/html")


def see(path: str) -> Response:
    """Send the browser to a page of this server, once a form has done its work."""
    return Response(status=303, headers={"Location": path})


def dollars(cents: int) -> str:
    """Return an amount of cents as people write it."""
    return f"{'-' if cents < 0 else ''}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"
