"""What one run of the emulator is told on its command line."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of `goody-emulator serve`, complete: every default is already filled in."""

    base_url: str
    """Where clients reach the emulator; links in webhooks begin with it."""
    state: str
    """Path of the SQLite file that holds apps, orders and the webhook queue."""
    public_url: str | None = None
    """When set, links in answers begin with it instead of the host the request named."""
    products: int = 1200
    seed: int = 7
    balance: int = 10_000_000
    """The stored value each new app starts with, in cents."""
    revshare_bps: int = 1500
    """The partner's revenue share, in hundredths of a percent of its base."""
    revshare_base: str = "products"
    """What revenue share is computed on; see goody_emulator.money.terms.Base."""
    webhook_url: str | None = None
    webhook_secret: str = ""
    webhook_timeout: float = 15.0
    """Real seconds a receiver has to answer a delivery."""
    quirks: tuple[str, ...] = ()
    """Assumptions about Goody that are turned round, for every app; see goody_emulator.quirks."""
    scenarios: str | None = None
    """A folder of TOML files, each a scenario."""
    api_keys: tuple[str, ...] = ()
    """The keys that are let in; none named means any key is."""
