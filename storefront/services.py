"""Everything the storefront works with, wired once from the settings."""

from dataclasses import dataclass

from catalog_sync.browse import Catalog
from catalog_sync.sync import CatalogSync
from foundation.apps import Apps
from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from foundation.encryption import Vault
from foundation.goody.accounts import GoodyAccounts
from foundation.http import TimeOuts, Transport
from foundation.settings import Settings
from payments.activities import Activities
from payments.inbox import Inbox
from payments.queries import Orders
from payments.submission import Policy, Submissions
from storefront.checkout.checkouts import Checkouts, Lifetimes
from storefront.event_feed import EventFeed
from storefront.health import Health
from storefront.idempotency import IdempotencyKeys


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases behind the REST API, the worker and the command line."""

    settings: Settings
    sessions: Sessions
    apps: Apps
    accounts: GoodyAccounts
    catalog: Catalog
    catalog_sync: CatalogSync
    submissions: Submissions
    inbox: Inbox
    activities: Activities
    orders: Orders
    checkouts: Checkouts
    idempotency: IdempotencyKeys
    events: EventFeed
    health: Health

    def close(self) -> None:
        """Close connections to Goody and to the database."""
        self.accounts.close()
        self.sessions.dispose()


def build_services(settings: Settings, *, clock: Clock = utc_now, transport: Transport | None = None) -> Services:
    """Wire everything. Opens no connection yet. Tests may swap the clock and the transport."""
    sessions = Sessions(settings.database_url)
    vault = Vault(settings.encryption_keys)
    apps = Apps(sessions, vault, clock)
    time_outs = TimeOuts(connect=settings.goody_connect_seconds, read=settings.goody_read_seconds)
    accounts = GoodyAccounts(apps, time_outs, transport)
    policy = Policy(settings.submission_lease_seconds, settings.submission_give_up_seconds)
    submissions = Submissions(sessions, accounts.client, policy, clock)
    catalog = Catalog(sessions, clock)
    catalog_sync = CatalogSync(
        sessions,
        accounts.client,
        clock,
        workers=settings.sync_page_workers,
        interval_seconds=settings.sync_interval_seconds,
    )
    orders = Orders(sessions)
    return Services(
        settings=settings,
        sessions=sessions,
        apps=apps,
        accounts=accounts,
        catalog=catalog,
        catalog_sync=catalog_sync,
        submissions=submissions,
        inbox=Inbox(sessions, accounts.client, submissions, clock),
        activities=Activities(sessions, accounts.client, clock),
        orders=orders,
        checkouts=Checkouts(
            sessions=sessions,
            apps=apps,
            catalog=catalog,
            goody=accounts.client,
            submissions=submissions,
            orders=orders,
            lifetimes=Lifetimes(settings.quote_seconds, settings.checkout_seconds),
            clock=clock,
        ),
        idempotency=IdempotencyKeys(sessions, vault, clock),
        events=EventFeed(sessions, orders),
        health=Health(sessions, apps, catalog_sync, clock),
    )
