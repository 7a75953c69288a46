"""Partner apps and the keys they call with. Each app has its own Goody key; nothing of one is visible to another."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from foundation.app_policy import DEFAULT_EXPIRY_DAYS, Caps
from foundation.clock import Clock, utc_now
from foundation.database import Base, Sessions
from foundation.encryption import ENCRYPTED, Vault
from foundation.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from foundation.ids import new_id
from foundation.keys import ApiKey, KeyHolder, KeyKind, Keys, Restrictions, add_key
from foundation.signatures import is_secret

SLUG: Final = r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?"
PAYMENT_MODES: Final = ("hosted_payment", "stored_value", "card")
CAPABILITIES: Final = (*PAYMENT_MODES, "direct_send")
"""What Goody approves partners for, one by one."""


BAD_WEBHOOK_SECRET: Final = Fault(
    "/webhook_secret", "bad_secret", "must be whsec_ and base64, as Goody's dashboard shows it"
)


class PartnerApp(Base):
    """A partner's app: its Goody account and what it may do."""

    __tablename__ = "partner_apps"

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(48), unique=True)
    goody_base_url: Mapped[str] = mapped_column(sa.String(300))
    goody_api_key: Mapped[str] = mapped_column(sa.Text, info=dict(ENCRYPTED))
    """Encrypted."""
    public_app_id: Mapped[str | None] = mapped_column(sa.String(255))
    """The Goody app that the key has to be of; None until it was seen whose it is."""
    default_mode: Mapped[str] = mapped_column(sa.String(32))
    capabilities: Mapped[list[Any]]
    """Payment modes (and later direct_send) that Goody approved this partner for."""
    caps: Mapped[dict[str, Any]]
    default_expiry_days: Mapped[int]
    """After how many days a stored value gift expires that names no time itself: Goody demands one."""
    is_overdraft_allowed: Mapped[bool]
    """Whether a stored value order goes out (with a warning) though open gifts speak for the balance."""
    catalog_options: Mapped[dict[str, Any]]
    """Which catalog of Goody's is synced: `use_custom_catalog`, `show_inactive`, `country_code`."""
    token_algorithm: Mapped[str | None] = mapped_column(sa.String(8))
    token_issuer: Mapped[str | None] = mapped_column(sa.String(300))
    token_secret: Mapped[str | None] = mapped_column(sa.Text, info=dict(ENCRYPTED))
    """Encrypted; for HS256."""
    token_jwks_url: Mapped[str | None] = mapped_column(sa.String(2000))
    created_at: Mapped[datetime]


class WebhookSecret(Base):
    """A Svix signing secret of the app's webhook endpoint at Goody (from Goody's dashboard). Several may be active."""

    __tablename__ = "webhook_secrets"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), index=True)
    secret: Mapped[str] = mapped_column(sa.Text, info=dict(ENCRYPTED))
    """Encrypted."""
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class GoodyAccount:
    """Where an app's Goody is, and its key there as it is stored."""

    base_url: str
    encrypted_key: str = field(repr=False)
    public_app_id: str | None
    """The Goody app that the key must be of; None until it is pinned."""


@dataclass(frozen=True, slots=True)
class NewApp:
    """What is shown once, when an app is made."""

    app_id: str
    slug: str
    publishable_key: str
    secret_key: str


_ACCOUNT: Final = sa.select(PartnerApp.goody_base_url, PartnerApp.goody_api_key, PartnerApp.public_app_id).where(
    PartnerApp.id == sa.bindparam("app_id")
)


class Apps:
    """Partner apps, their keys and their secrets."""

    def __init__(self, sessions: Sessions, vault: Vault, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._vault = vault
        self._clock = clock
        self._keys = Keys(sessions, clock)

    def create(
        self, slug: str, *, goody_api_key: str, goody_base_url: str, webhook_secret: str | None, default_mode: str
    ) -> NewApp:
        """A new app with a key of each kind. Works while Goody is down. ConflictError if the slug is taken."""
        _check_new(slug, goody_api_key, goody_base_url, webhook_secret, default_mode)
        now = self._clock()
        app_id = new_id("app")
        try:
            with self._sessions.begin() as session:
                session.add(
                    PartnerApp(
                        id=app_id,
                        slug=slug,
                        goody_base_url=goody_base_url.rstrip("/"),
                        goody_api_key=self._vault.encrypt(goody_api_key),
                        default_mode=default_mode,
                        capabilities=list(PAYMENT_MODES),
                        caps=Caps().write(),
                        default_expiry_days=DEFAULT_EXPIRY_DAYS,
                        is_overdraft_allowed=False,
                        catalog_options={},
                        created_at=now,
                    )
                )
                session.flush()
                keys = [add_key(session, app_id, kind, now) for kind in KeyKind]
                if webhook_secret is not None:
                    secret = self._vault.encrypt(webhook_secret)
                    session.add(WebhookSecret(app_id=app_id, secret=secret, created_at=now, retired_at=None))
        except IntegrityError as error:
            raise ConflictError(f"There is an app with the slug {slug!r} already. Choose another slug.") from error
        return NewApp(app_id, slug, *keys)

    def create_key(self, slug: str, kind: KeyKind, restrictions: Restrictions | None = None) -> str:
        """A new key of the app; this is the only time it is shown. InvalidInputError."""
        return self._keys.create(self.by_slug(slug).id, kind, restrictions)

    def keys(self, slug: str) -> list[ApiKey]:
        """The app's keys, oldest first, those that hold no longer too."""
        return self._keys.of_app(self.by_slug(slug).id)

    def revoke_key(self, key_id: str) -> None:
        """Refuse this key from now on. NotFoundError if there is none such."""
        self._keys.revoke(key_id)

    def authenticate(self, key: str) -> KeyHolder | None:
        """Whose key this is; None if it is unknown, revoked or expired."""
        return self._keys.authenticate(key)

    def get(self, app_id: str) -> PartnerApp:
        """The app of this id. NotFoundError if there is none."""
        with self._sessions.glance() as session:
            app = session.get(PartnerApp, app_id)
        if app is None:
            raise NotFoundError(f"There is no app {app_id!r}.")
        return app

    def account(self, app_id: str) -> GoodyAccount:
        """The app's account at Goody. NotFoundError if there is no such app."""
        with self._sessions.look() as connection:
            row = connection.execute(_ACCOUNT, {"app_id": app_id}).one_or_none()
        if row is None:
            raise NotFoundError(f"There is no app {app_id!r}.")
        return GoodyAccount(row.goody_base_url, row.goody_api_key, row.public_app_id)

    def by_slug(self, slug: str) -> PartnerApp:
        """The app of this slug. NotFoundError if there is none."""
        with self._sessions.read() as session:
            app = session.scalar(sa.select(PartnerApp).where(PartnerApp.slug == slug))
        if app is None:
            raise NotFoundError(f"There is no app {slug!r}. `storefront app create {slug} …` makes it.")
        return app

    def all(self) -> list[PartnerApp]:
        """Every app, oldest first."""
        with self._sessions.read() as session:
            return list(session.scalars(sa.select(PartnerApp).order_by(PartnerApp.created_at, PartnerApp.id)))

    def goody_api_key(self, account: GoodyAccount) -> str:
        """The key of an account at Goody, in the clear: for the client alone."""
        return self._vault.decrypt(account.encrypted_key)

    def add_webhook_secret(self, slug: str, webhook_secret: str) -> None:
        """Accept messages signed with this secret too; the older ones stay good, so that it can be rotated."""
        if not is_secret(webhook_secret):
            raise InvalidInputError("The secret can't be used.", [BAD_WEBHOOK_SECRET])
        app = self.by_slug(slug)
        secret = self._vault.encrypt(webhook_secret)
        with self._sessions.begin() as session:
            session.add(WebhookSecret(app_id=app.id, secret=secret, created_at=self._clock(), retired_at=None))

    def webhook_secrets(self, app_id: str) -> list[str]:
        """The active signing secrets of the app's endpoint, newest first."""
        active = sa.select(WebhookSecret.secret).where(
            WebhookSecret.app_id == app_id, WebhookSecret.retired_at.is_(None)
        )
        with self._sessions.read() as session:
            stored = session.scalars(active.order_by(WebhookSecret.id.desc())).all()
        return [self._vault.decrypt(secret) for secret in stored]


def account_faults(goody_api_key: str | None, goody_base_url: str | None) -> list[Fault]:
    """What is wrong with the key and the address of an account at Goody; None is not looked at."""
    faults = []
    if goody_api_key == "":
        faults.append(Fault("/goody_api_key", "required", "the key from Goody's Commerce API page"))
    elif goody_api_key is not None and not re.fullmatch(r"[!-~]+", goody_api_key):
        # In a request's header it would fail only then, each time.
        faults.append(Fault("/goody_api_key", "bad_key", "holds a blank, a line break or a character outside ASCII"))
    if goody_base_url is not None and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", goody_base_url):
        faults.append(Fault("/goody_base_url", "bad_url", "must look like https://api.example.com"))
    return faults


def _check_new(
    slug: str, goody_api_key: str, goody_base_url: str, webhook_secret: str | None, default_mode: str
) -> None:
    faults = []
    if not re.fullmatch(SLUG, slug):
        faults.append(Fault("/slug", "bad_slug", "1 to 48 of a-z, 0-9 and -, not beginning or ending with -"))
    faults += account_faults(goody_api_key, goody_base_url)
    if webhook_secret is not None and not is_secret(webhook_secret):
        faults.append(BAD_WEBHOOK_SECRET)
    if default_mode not in PAYMENT_MODES:
        faults.append(Fault("/default_mode", "unknown_mode", f"must be one of: {', '.join(PAYMENT_MODES)}"))
    if faults:
        raise InvalidInputError("The app can't be made.", faults)
