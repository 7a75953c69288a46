"""The services of the app that serves the present request."""

from typing import Final, cast

from flask import current_app

from storefront.services import Services

EXTENSION: Final = "storefront"


def services() -> Services:
    """The use cases that the views call."""
    return cast("Services", current_app.extensions[EXTENSION])
