"""Everything the storefront works with, wired once from the settings."""

from dataclasses import dataclass

from catalog_sync.browsing.catalog import Catalog
from catalog_sync.browsing.served import ServedGenerations
from catalog_sync.crawling.brake import Limits
from catalog_sync.curation.desk import CurationDesk, open_desk
from catalog_sync.schedule import Pace, SyncSchedule
from catalog_sync.sync import CatalogSync
from foundation.app_settings import AppSettings
from foundation.apps import Apps
from foundation.clock import Clock, utc_now
from foundation.customer_tokens import CustomerTokenError, CustomerTokens
from foundation.database import Sessions
from foundation.encryption import Vault
from foundation.endpoints import WebhookEndpoints
from foundation.goody.accounts import GoodyAccounts
from foundation.http import TimeOuts, Transport
from foundation.settings import Settings
from foundation.webhook_secrets import WebhookSecrets
from payments.activities import Activities
from payments.cancelling import Cancellations
from payments.cards import Cards
from payments.claiming import Policy
from payments.expiring import Expirations
from payments.following import Following
from payments.inbox import Inbox
from payments.intake import Intake
from payments.message_log import MessageLog
from payments.order_changes import OrderChanges
from payments.queries import Orders
from payments.quiet_orders import Quietness, QuietOrders
from payments.reminders import Moments, Reminders
from payments.resolving import Resolutions
from payments.stored_value import StoredValueAccounts
from payments.submission import Submissions
from storefront.checkout.assessing import Assessor
from storefront.checkout.checkouts import Checkouts
from storefront.checkout.completing import Completion
from storefront.event_feed import EventFeed
from storefront.health import Health
from storefront.idempotency import IdempotencyKeys


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases behind the REST API, the worker and the command line."""

    settings: Settings
    clock: Clock
    sessions: Sessions
    apps: Apps
    accounts: GoodyAccounts
    catalog: Catalog
    generations: ServedGenerations
    catalog_sync: CatalogSync
    curation: CurationDesk
    sync_schedule: SyncSchedule
    submissions: Submissions
    resolutions: Resolutions
    endpoints: WebhookEndpoints
    intake: Intake
    inbox: Inbox
    messages: MessageLog
    activities: Activities
    orders: Orders
    order_changes: OrderChanges
    cancellations: Cancellations
    cards: Cards
    expirations: Expirations
    checkouts: Checkouts
    completion: Completion
    idempotency: IdempotencyKeys
    events: EventFeed
    health: Health
    stored_value: StoredValueAccounts
    following: Following
    quiet_orders: QuietOrders
    reminders: Reminders
    app_settings: AppSettings
    customer_tokens: CustomerTokens
    webhook_secrets: WebhookSecrets

    def customer_of(self, app_id: str, token: str) -> str:
        """The customer whose token this is. CustomerTokenError if it is not one of this app's."""
        rules = self.app_settings.token_rules(self.apps.get(app_id))
        if rules is None:
            raise CustomerTokenError("This app takes no customer tokens. `storefront app tokens` sets them up.")
        return self.customer_tokens.customer(token, rules)

    def close(self) -> None:
        """Let what is under way end, and close connections to Goody and to the database."""
        self.catalog_sync.close()
        self.sync_schedule.close()
        for each in (
            self.submissions,
            self.inbox,
            self.following,
            self.order_changes,
            self.activities,
            self.quiet_orders,
        ):
            each.close()
        self.accounts.close()
        self.sessions.dispose()


def build_services(settings: Settings, *, clock: Clock = utc_now, transport: Transport | None = None) -> Services:
    """Wire everything. Opens no connection yet. Tests may swap the clock and the transport."""
    sessions = Sessions(settings.database_url)
    vault = Vault(settings.encryption_keys)
    apps = Apps(sessions, vault, clock)
    time_outs = TimeOuts(connect=settings.goody_connect_seconds, read=settings.goody_read_seconds)
    accounts = GoodyAccounts(apps, time_outs, transport)
    policy = Policy(
        settings.submission_lease_seconds, settings.submission_give_up_seconds, settings.submission_key_refused_seconds
    )
    submissions = Submissions(sessions, accounts.client, policy, clock)
    generations = ServedGenerations(sessions)
    catalog = Catalog(sessions, clock, generations)
    catalog_sync = CatalogSync(
        sessions,
        accounts.client,
        clock,
        workers=settings.sync_page_workers,
        limits=Limits(settings.sync_retire_percent, settings.sync_retire_count, settings.sync_reprice_percent),
        kept_days=settings.sync_history_days,
    )
    pace = Pace(settings.sync_interval_seconds, settings.sync_jitter_percent, settings.sync_apps_at_once)
    orders = Orders(sessions)
    # An attempt at a change may take three exchanges with Goody: itself, and two looks.
    order_changes = OrderChanges(sessions, accounts.client, orders, clock, 3 * settings.submission_lease_seconds)
    stored_value = StoredValueAccounts(sessions, accounts.client, clock)
    assessor = Assessor(apps, catalog, accounts.client, settings.quote_seconds, clock)
    checkouts = Checkouts(sessions, assessor, orders, settings.checkout_seconds, clock)
    return Services(
        settings=settings,
        clock=clock,
        sessions=sessions,
        apps=apps,
        accounts=accounts,
        catalog=catalog,
        generations=generations,
        catalog_sync=catalog_sync,
        curation=open_desk(sessions, clock),
        sync_schedule=SyncSchedule(sessions, catalog_sync, pace, clock),
        submissions=submissions,
        resolutions=Resolutions(sessions, accounts.client, submissions, clock),
        endpoints=WebhookEndpoints(apps),
        intake=Intake(sessions, clock),
        inbox=Inbox(sessions, accounts.client, submissions, settings.inbox_give_up_seconds, clock),
        messages=MessageLog(sessions, clock),
        activities=Activities(sessions, accounts.client, clock),
        orders=orders,
        order_changes=order_changes,
        cancellations=Cancellations(orders, order_changes),
        cards=Cards(sessions, accounts.client, clock),
        expirations=Expirations(orders, order_changes, stored_value, clock),
        checkouts=checkouts,
        completion=Completion(
            sessions=sessions,
            apps=apps,
            checkouts=checkouts,
            assessor=assessor,
            orders=orders,
            submissions=submissions,
            stored_value=stored_value,
            clock=clock,
        ),
        idempotency=IdempotencyKeys(sessions, vault, clock),
        events=EventFeed(sessions, orders, catalog_sync),
        health=Health(sessions, catalog_sync),
        stored_value=stored_value,
        following=Following(sessions, accounts.client, submissions, clock),
        quiet_orders=QuietOrders(
            sessions, accounts.client, Quietness(settings.quiet_order_seconds, settings.quiet_order_share), clock
        ),
        reminders=Reminders(sessions, _moments(settings), clock),
        app_settings=AppSettings(sessions, vault),
        customer_tokens=CustomerTokens(clock=clock),
        webhook_secrets=WebhookSecrets(sessions, vault, apps, clock),
    )


def _moments(settings: Settings) -> Moments:
    return Moments(
        expiring=settings.expiring_notice_seconds,
        reminders=settings.payment_reminders,
        lapsed=settings.payment_lapsed_seconds,
    )
