"""Everything the storefront works with, wired once from the settings."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from catalog_sync.browsing.catalog import Catalog
from catalog_sync.browsing.served import ServedGenerations
from catalog_sync.crawling.brake import Limits
from catalog_sync.curation.desk import CurationDesk, open_desk
from catalog_sync.schedule import Pace, SyncSchedule
from catalog_sync.sync import CatalogSync
from foundation.apart import Apart
from foundation.app_settings import AppSettings
from foundation.apps import Apps
from foundation.clock import Clock, utc_now
from foundation.customer_tokens import CustomerTokenError, CustomerTokens, VerifiedCustomer
from foundation.database import Sessions
from foundation.encryption import Vault
from foundation.endpoints import WebhookEndpoints
from foundation.goody.accounts import GoodyAccounts
from foundation.http import TimeOuts, Transport
from foundation.key_uses import KeyUses
from foundation.keys import Keys
from foundation.reencryption import Reencryption
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
from payments.ledger.adjusting import Adjustments
from payments.ledger.journal import Ledger
from payments.ledger.queries import LedgerReader
from payments.message_log import MessageLog
from payments.order_changes import OrderChanges
from payments.payment_links import PaymentLinks
from payments.personal_data import PersonalData
from payments.queries import Orders
from payments.quiet_orders import Quietness, QuietOrders
from payments.reconciliation.discrepancies import Discrepancies
from payments.reconciliation.reconciling import Reconciliations
from payments.reconciliation.refunds import Refunds
from payments.reconciliation.schedule import ReconciliationSchedule
from payments.reconciliation.values import Tolerance
from payments.reconciliation.watching import BalanceWatch, Watchfulness
from payments.reminders import Moments, Reminders
from payments.resolving import Resolutions
from payments.revenue_share.accounting import Accountant
from payments.revenue_share.closing import Closings
from payments.revenue_share.explaining import Explanations
from payments.revenue_share.reports import ShareReports
from payments.revenue_share.terms_book import TermsBook
from payments.statements.importing import Statements
from payments.stored_value import StoredValueAccounts
from payments.submission import Submissions
from storefront.checkout.assessing import Assessor
from storefront.checkout.checkouts import Checkouts
from storefront.checkout.completing import Completion
from storefront.delivery.claiming import Claims
from storefront.delivery.endpoint_secrets import EndpointSecrets
from storefront.delivery.endpoints import Endpoints
from storefront.delivery.log import DeliveryLog
from storefront.delivery.messages import Messages
from storefront.delivery.relay import Relay
from storefront.delivery.retention import Retention as EventRetention
from storefront.delivery.sending import Sender
from storefront.event_feed import EventFeed
from storefront.health import Health
from storefront.idempotency import IdempotencyKeys
from storefront.personal_data import Customers, Retention
from storefront.product_facts import CatalogFacts
from storefront.stream.tokens import StreamTokens

LEASE_MARGIN: Final = 15.0
"""Seconds that a delivery's lease outlives the longest exchange by: both ends of it are written down in that time."""


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases behind the REST API, the worker and the command line."""

    settings: Settings
    clock: Clock
    sessions: Sessions
    apps: Apps
    keys: Keys
    key_uses: KeyUses
    reencryption: Reencryption
    customers: Customers
    retention: Retention
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
    statements: Statements
    discrepancies: Discrepancies
    reconciliations: Reconciliations
    reconciliation_schedule: ReconciliationSchedule
    balance_watch: BalanceWatch
    ledger: Ledger
    accountant: Accountant
    share_terms: TermsBook
    share_reports: ShareReports
    explanations: Explanations
    ledger_reader: LedgerReader
    adjustments: Adjustments
    closings: Closings
    following: Following
    quiet_orders: QuietOrders
    reminders: Reminders
    app_settings: AppSettings
    customer_tokens: CustomerTokens
    webhook_secrets: WebhookSecrets
    payment_links: PaymentLinks
    webhook_endpoints: Endpoints
    relay: Relay
    deliveries: DeliveryLog
    event_retention: EventRetention
    stream_tokens: StreamTokens

    def customer_of(self, app_id: str, token: str) -> VerifiedCustomer:
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
            self.accountant,
            self.reconciliation_schedule,
            self.reconciliations,
            self.balance_watch,
            self.relay,
        ):
            each.close()
        self.accounts.close()
        self.key_uses.close()
        self.sessions.dispose()


def build_services(
    settings: Settings, *, clock: Clock = utc_now, transport: Transport | None = None, apart: Apart | None = None
) -> Services:
    """Wire everything. Opens no connection yet. Tests may swap the clock and the transport.

    Who answers requests gives a process apart for what computes for long.
    """
    # Jobs of the worker and commands may take their time.
    sessions = Sessions(settings.database_url, 0 if apart is None else settings.statement_seconds)
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
    ledger = Ledger(clock)
    accountant = Accountant(sessions, ledger, CatalogFacts(sessions, accounts.client), clock)
    discrepancies = Discrepancies(sessions, ledger, clock)
    refunds = Refunds(sessions, accountant, clock)
    reconciliations = Reconciliations(sessions, ledger, discrepancies, refunds, _tolerance(settings), clock)
    assessor = Assessor(apps, catalog, accounts.client, settings.quote_seconds, clock)
    checkouts = Checkouts(sessions, assessor, orders, settings.checkout_seconds, clock)
    idempotency = IdempotencyKeys(sessions, vault, clock)
    personal_data = PersonalData(sessions, clock)
    secrets = EndpointSecrets(vault)
    webhook_endpoints = Endpoints(sessions, secrets, is_local_allowed=settings.allow_local_endpoints, clock=clock)
    feed = EventFeed(sessions, orders, catalog_sync, discrepancies, webhook_endpoints)
    sender = Sender(settings.delivery_time_out_seconds, is_local_allowed=settings.allow_local_endpoints)
    claims = Claims(sessions, settings.delivery_time_out_seconds + LEASE_MARGIN, clock)
    relay = Relay(sessions, claims, Messages(sessions, feed, secrets, clock), sender, clock)
    return Services(
        settings=settings,
        clock=clock,
        sessions=sessions,
        apps=apps,
        keys=Keys(sessions, clock),
        key_uses=KeyUses(sessions, clock),
        reencryption=Reencryption(sessions, vault),
        customers=Customers(sessions, apps, personal_data, idempotency, clock),
        retention=Retention(
            sessions,
            personal_data,
            clock,
            message_days=settings.webhook_body_days,
            checkout_days=settings.checkout_days,
        ),
        accounts=accounts,
        catalog=catalog,
        generations=generations,
        catalog_sync=catalog_sync,
        curation=open_desk(sessions, clock, apart),
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
        idempotency=idempotency,
        events=feed,
        health=Health(sessions, catalog_sync),
        stored_value=stored_value,
        statements=Statements(sessions, clock),
        discrepancies=discrepancies,
        balance_watch=BalanceWatch(
            sessions,
            stored_value,
            discrepancies,
            Watchfulness(settings.balance_interval_seconds, settings.balance_low_days),
            clock,
        ),
        reconciliations=reconciliations,
        reconciliation_schedule=ReconciliationSchedule(
            sessions, reconciliations, settings.reconciliation_interval_seconds, clock
        ),
        ledger=ledger,
        accountant=accountant,
        share_terms=TermsBook(sessions, clock),
        share_reports=ShareReports(sessions, clock),
        explanations=Explanations(sessions),
        ledger_reader=LedgerReader(sessions),
        adjustments=Adjustments(sessions, ledger, clock),
        closings=Closings(sessions, ledger, accountant, clock),
        following=Following(sessions, accounts.client, submissions, clock),
        quiet_orders=QuietOrders(
            sessions, accounts.client, Quietness(settings.quiet_order_seconds, settings.quiet_order_share), clock
        ),
        reminders=Reminders(sessions, _moments(settings), clock),
        app_settings=AppSettings(sessions, vault),
        customer_tokens=CustomerTokens(clock=clock),
        webhook_secrets=WebhookSecrets(sessions, vault, apps, clock),
        payment_links=PaymentLinks(sessions, clock),
        webhook_endpoints=webhook_endpoints,
        relay=relay,
        deliveries=DeliveryLog(sessions, claims, relay, clock),
        event_retention=EventRetention(sessions, secrets, settings.event_retention_days, clock),
        stream_tokens=StreamTokens(sessions, vault, clock),
    )


def _tolerance(settings: Settings) -> Tolerance:
    return Tolerance(timedelta(days=settings.reconciliation_drift_days), timedelta(days=settings.share_late_days))


def _moments(settings: Settings) -> Moments:
    return Moments(
        expiring=settings.expiring_notice_seconds,
        reminders=settings.payment_reminders,
        lapsed=settings.payment_lapsed_seconds,
    )
