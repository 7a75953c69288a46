"""An app's key at Goody: whether it is of its environment, and of the Goody app that it was the first time."""

from dataclasses import dataclass
from typing import Final

from foundation.apps import PartnerApp
from foundation.errors import ConflictError, GoodyError, GoodyUnauthorizedError, InvalidInputError
from foundation.goody.client import PRODUCTION, SANDBOX
from storefront.services import Services

ENVIRONMENTS: Final = {"sandbox": SANDBOX, "production": PRODUCTION}
NO_COMMERCE: Final = "valid, but no commerce app's: this needs a Commerce API key, not an Automation API key"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    subject: str
    is_ok: bool
    detail: str


def check_key(services: Services, app: PartnerApp) -> Finding:
    """Ask Goody whose the key is. The first time the app is pinned to that Goody app."""
    subject = f"{app.slug}: Goody key at {app.goody_base_url}"
    try:
        owner = services.accounts.owner(app).public_app_id
    except GoodyUnauthorizedError:
        return Finding(subject, is_ok=False, detail=_refused(services, app))
    except GoodyError as error:
        return Finding(subject, is_ok=False, detail=error.detail)
    if owner is None:
        return Finding(subject, is_ok=False, detail=NO_COMMERCE)
    if app.public_app_id is None:
        services.app_settings.pin(app.slug, owner, is_first=True)
    elif owner != app.public_app_id:
        return Finding(subject, is_ok=False, detail=_of_another(app, owner))
    return _shared(services, app, owner) or Finding(subject, is_ok=True, detail=f"valid, of commerce app {owner}")


def must_fit(services: Services, app: PartnerApp, goody_api_key: str | None, base_url: str | None) -> None:
    """ConflictError if this key, or the key there, is another Goody app's than the app is pinned to.

    Where Goody does not answer, it is looked at when the key is used first.
    """
    if app.public_app_id is None or (goody_api_key is None and base_url is None):
        return
    try:
        owner = services.accounts.owner(app, goody_api_key=goody_api_key, base_url=base_url).public_app_id
    except GoodyError:
        return
    if owner != app.public_app_id:
        raise ConflictError(f"Nothing was changed: the key is {_of_another(app, owner)}.")


def repin(services: Services, slug: str) -> str:
    """Pin the app to the Goody app that its key is of now, whatever it was pinned to; returns that app's id."""
    owner = services.accounts.owner(services.apps.by_slug(slug)).public_app_id
    if owner is None:
        raise InvalidInputError(f"The key is {NO_COMMERCE}.")
    services.app_settings.pin(slug, owner)
    return owner


def _of_another(app: PartnerApp, owner: str | None) -> str:
    return (
        f"of commerce app {owner}, and {app.slug} is pinned to {app.public_app_id}: it is not used. Set the right key "
        f"(`storefront app set {app.slug} --goody-api-key …`), or mean it (the same with --other-goody-app)"
    )


def _refused(services: Services, app: PartnerApp) -> str:
    """Why the key is refused: a key of the other environment is known there."""
    for name, base_url in ENVIRONMENTS.items():
        if app.goody_base_url in ENVIRONMENTS.values() and base_url != app.goody_base_url:
            try:
                services.accounts.owner(app, base_url=base_url)
            except GoodyError:
                continue
            return f"refused: it is a key of {name}. Run `storefront app set {app.slug} --environment {name}`"
    return "refused: is it a key of this environment (sandbox, production)?"


def _shared(services: Services, app: PartnerApp, owner: str) -> Finding | None:
    """What is wrong with two apps at one Goody app: each would take the other's orders for foreign ones."""
    others = [
        other.slug
        for other in services.apps.all()
        if (other.public_app_id, other.goody_base_url) == (owner, app.goody_base_url) and other.id != app.id
    ]
    if not others:
        return None
    detail = f"of commerce app {owner}, as {', '.join(others)} is: give each app a Goody app of its own"
    return Finding(f"{app.slug}: Goody key at {app.goody_base_url}", is_ok=False, detail=detail)
