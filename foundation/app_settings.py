"""What an operator sets for one app after it was made: capabilities, caps, stored value, customer tokens."""

import re
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from foundation.app_policy import Caps
from foundation.apps import CAPABILITIES, PAYMENT_MODES, PartnerApp, account_faults
from foundation.customer_tokens import TokenAlgorithm, TokenRules
from foundation.database import Session, Sessions
from foundation.encryption import Vault
from foundation.errors import Fault, InvalidInputError, NotFoundError
from foundation.ids import new_token

SECRET_LENGTH = 64
CATALOG_OPTIONS: Final = ("use_custom_catalog", "show_inactive", "country_code")
"""Which catalog of Goody's is synced; `show_inactive` counts for a custom catalog only."""


class AppSettings:
    """Reads and changes the settings of apps."""

    def __init__(self, sessions: Sessions, vault: Vault) -> None:
        self._sessions = sessions
        self._vault = vault

    def change(
        self,
        slug: str,
        *,
        caps: dict[str, int | None] | None = None,
        capabilities: list[str] | None = None,
        goody_api_key: str | None = None,
        goody_base_url: str | None = None,
        default_expiry_days: int | None = None,
        is_overdraft_allowed: bool | None = None,
        catalog_options: dict[str, bool | str | None] | None = None,
    ) -> PartnerApp:
        """Change what is given, leave the rest; returns the app. InvalidInputError, NotFoundError.

        Of `catalog_options` (CATALOG_OPTIONS) those named are changed; None leaves that one to Goody again.
        """
        faults = account_faults(goody_api_key, goody_base_url)
        _check(capabilities, default_expiry_days, catalog_options or {}, faults)
        with self._sessions.begin() as session:
            app = _find(session, slug)
            if caps:
                app.caps = replace(Caps.read(app.caps), **caps).write()
            if capabilities is not None and app.default_mode not in capabilities:
                fault = Fault("/capabilities", "default_mode_left_out", f"the app's default mode is {app.default_mode}")
                raise InvalidInputError("The app can't be changed so.", [fault])
            if capabilities is not None:
                app.capabilities = list(capabilities)
            if goody_api_key is not None:
                app.goody_api_key = self._vault.encrypt(goody_api_key)
            if goody_base_url is not None:
                app.goody_base_url = goody_base_url.rstrip("/")
            if default_expiry_days is not None:
                app.default_expiry_days = default_expiry_days
            if is_overdraft_allowed is not None:
                app.is_overdraft_allowed = is_overdraft_allowed
            if catalog_options:
                wanted = {**app.catalog_options, **catalog_options}
                app.catalog_options = {name: value for name, value in wanted.items() if value is not None}
        return app

    def pin(self, slug: str, public_app_id: str, *, is_first: bool = False) -> bool:
        """Let the app's key be of this Goody app alone. With `is_first` only if it is pinned to none; says whether."""
        with self._sessions.begin() as session:
            app = _find(session, slug)
            if is_first and app.public_app_id is not None:
                return False
            app.public_app_id = public_app_id
        return True

    def use_tokens(
        self, slug: str, algorithm: TokenAlgorithm, issuer: str, jwks_url: str | None = None
    ) -> tuple[PartnerApp, str | None]:
        """Accept customer tokens signed so. For HS256 the app gets a new secret, returned this once."""
        needs_url = algorithm is not TokenAlgorithm.HS256
        if needs_url != (jwks_url is not None):
            wanted = "needs the address of the app's key set (JWKS)" if needs_url else "takes no key set"
            raise InvalidInputError(
                "Customer tokens can't be set up.", [Fault("/jwks_url", "invalid", f"{algorithm} {wanted}")]
            )
        if jwks_url is not None and not re.match(r"https://|http://(127\.0\.0\.1|localhost)[:/]", jwks_url):
            fault = Fault("/jwks_url", "not_https", "must begin with https://: whoever can change it makes customers")
            raise InvalidInputError("Customer tokens can't be set up.", [fault])
        secret = None if needs_url else new_token(SECRET_LENGTH)
        with self._sessions.begin() as session:
            app = _find(session, slug)
            app.token_algorithm = algorithm
            app.token_issuer = issuer
            app.token_jwks_url = jwks_url
            app.token_secret = None if secret is None else self._vault.encrypt(secret)
        return app, secret

    def token_rules(self, app: PartnerApp) -> TokenRules | None:
        """How the app's customer tokens are checked; None if it takes none."""
        if app.token_algorithm is None or app.token_issuer is None:
            return None
        return TokenRules(
            app_id=app.id,
            algorithm=TokenAlgorithm(app.token_algorithm),
            issuer=app.token_issuer,
            secret=None if app.token_secret is None else self._vault.decrypt(app.token_secret),
            jwks_url=app.token_jwks_url,
        )


def _find(session: Session, slug: str) -> PartnerApp:
    app = session.scalar(sa.select(PartnerApp).where(PartnerApp.slug == slug).with_for_update())
    if app is None:
        raise NotFoundError(f"There is no app {slug!r}. `storefront app create {slug} …` makes it.")
    return app


def _check(
    capabilities: list[str] | None,
    default_expiry_days: int | None,
    catalog_options: dict[str, bool | str | None],
    faults: list[Fault],
) -> None:
    faults += [
        Fault("/capabilities", "unknown_capability", f"{name} is none of: {', '.join(CAPABILITIES)}")
        for name in capabilities or []
        if name not in CAPABILITIES
    ]
    if capabilities is not None and not set(capabilities) & set(PAYMENT_MODES):
        faults.append(Fault("/capabilities", "no_payment_mode", f"name at least one of: {', '.join(PAYMENT_MODES)}"))
    if default_expiry_days is not None and not 1 <= default_expiry_days <= 3650:  # noqa: PLR2004  ten years
        faults.append(Fault("/default_expiry_days", "out_of_range", "1 to 3650"))
    faults += [_option_fault(name) for name, value in catalog_options.items() if not _is_option(name, value)]
    if faults:
        raise InvalidInputError("The app can't be changed so.", faults)


def _is_option(name: str, value: bool | str | None) -> bool:  # noqa: FBT001  the value of an option
    if name == "country_code":
        return value is None or (isinstance(value, str) and re.fullmatch("[A-Z]{2}", value) is not None)
    return name in CATALOG_OPTIONS and isinstance(value, bool | None)


def _option_fault(name: str) -> Fault:
    pointer = f"/catalog_options/{name}"
    if name not in CATALOG_OPTIONS:
        return Fault(pointer, "unknown_option", f"is none of: {', '.join(CATALOG_OPTIONS)}")
    wanted = "two capital letters, such as US" if name == "country_code" else "true or false"
    return Fault(pointer, "bad_option", f"must be {wanted}")


def shown(app: PartnerApp) -> dict[str, Any]:
    """An app's settings, without a secret."""
    return {
        "slug": app.slug,
        "app_id": app.id,
        "goody_base_url": app.goody_base_url,
        "public_app_id": app.public_app_id,
        "default_mode": app.default_mode,
        "capabilities": app.capabilities,
        "caps": Caps.read(app.caps).write(),
        "default_expiry_days": app.default_expiry_days,
        "is_overdraft_allowed": app.is_overdraft_allowed,
        "catalog_options": {name: app.catalog_options.get(name) for name in CATALOG_OPTIONS},
        "customer_tokens": app.token_algorithm,
        "customer_token_issuer": app.token_issuer,
    }
