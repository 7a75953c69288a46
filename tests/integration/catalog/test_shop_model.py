"""Sync, curation and browsing together, step by step against a plain model of what should be on sale.

A few short histories are tried each time. `SHOP_MODEL_EXAMPLES=500` in the environment tries so many longer ones.
"""

import os
from typing import Any, Final, TypeAlias

import httpx
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from catalog_sync.browsing.catalog import Catalog
from catalog_sync.browsing.served import ServedGenerations
from catalog_sync.crawling.brake import Limits
from catalog_sync.curation.desk import open_desk
from catalog_sync.curation.reading import read_curation, read_override
from catalog_sync.runs import LEASE_SECONDS, RunStatus, SyncRun
from catalog_sync.sync import CatalogSync
from foundation.database import Sessions
from foundation.errors import ConflictError
from tests.databases import Databases

from .conftest import APPS, Shop, Templates
from .curations import curations, product_ids
from .shop_model import REPRICE_PERCENT, RETIRE_PERCENT, Picture, Sent, ShopModel
from .shop_visit import Visitor
from .shop_world import PER_PAGE, THEMES, Flaw, World
from .supplier import SteppingClock
from .test_publishing import KilledError, kill_at

EXAMPLES: Final = int(os.environ.get("SHOP_MODEL_EXAMPLES", "0"))
APP: Final = APPS[0]
WRITES: Final = ("INSERT", "UPDATE", "DELETE")
"""Where a run is killed. A query cut off in its stream would make psycopg complain of a cursor left open."""

Changes: TypeAlias = list[tuple[str, int, int]]

CHANGES: Final = (
    "add", "remove", "remove", "reprice", "rename", "deactivate", "reactivate", "break", "lose_name", "mend",
    "bring_back", "charge",
)  # fmt: skip
changes: Final = st.lists(
    st.tuples(st.sampled_from(CHANGES), st.integers(0, 30), st.sampled_from([1000, 1500, 2000, 2500, 3000])),
    min_size=1,
    max_size=3,
)
overrides: Final = st.fixed_dictionaries(
    {}, optional={"title": st.just(""), "hidden": st.booleans(), "featured_rank": st.integers(0, 3)}
).filter(bool)


class ShopMachine(RuleBasedStateMachine):
    """A supplier that changes, a merchandiser who edits, and whatever can go wrong in between."""

    databases: Databases
    template: str

    def __init__(self) -> None:
        super().__init__()
        self.url = self.databases.copy(self.template)
        self.sessions = Sessions(self.url)
        self.clock = SteppingClock()
        self.world = World()
        self.model = ShopModel()
        self.client = self.world.supplier.client()
        limits = Limits(retire_percent=RETIRE_PERCENT, reprice_percent=REPRICE_PERCENT)
        # With one thread pages come in their order, so that a change between two of them is the same each time.
        self.sync = CatalogSync(self.sessions, lambda _app_id: self.client, self.clock, limits=limits, workers=1)
        self.desk = open_desk(self.sessions, self.clock)
        self.visitor = Visitor(
            Shop(Catalog(self.sessions, self.clock, ServedGenerations(self.sessions, most_seconds=0)), APP)
        )
        self.retitled = 0
        self.waiting_id: str | None = None

    def teardown(self) -> None:
        self.client.close()
        self.sessions.dispose()
        self.databases.drop(self.url)

    @initialize(count=st.integers(6, 13))
    def open_shop(self, count: int) -> None:
        """The first sync, which nothing disturbs."""
        self.world.open(count)
        self._expect(self.sync.run(APP), Sent.by(self.world))

    # What the supplier does.

    @rule(changes=changes)
    def supplier_changes(self, changes: Changes) -> None:
        self._change(changes)
        self._check_quickly()

    # What is read of it.

    @rule(changes=changes)
    def sync_undisturbed(self, changes: Changes) -> None:
        self._begin(changes)
        self._expect(self.sync.run(APP), Sent.by(self.world))

    @rule(
        changes=changes, kind=st.sampled_from(["remove", "add_at_front", "swap"]), price=st.sampled_from([1000, 2000])
    )
    def sync_while_it_drifts(self, changes: Changes, kind: str, price: int) -> None:
        """The catalog changes between the first page and the second: what counts is what it is in the end."""
        self._begin(changes)
        drifting, before = [kind], len(self.world.gone)

        def drift(name: str, page: int) -> None:
            if (name, page) == ("products", 2) and drifting:
                drift_world(self.world, drifting.pop(), price, self.model)

        self.world.supplier.before_page = drift
        run = self.sync.run(APP)
        self._calm()
        self._expect(run, Sent.by(self.world, passing=self.world.gone[before:]))

    @rule(changes=changes)
    def sync_of_what_never_adds_up(self, changes: Changes) -> None:
        """The supplier counts one product more than it lists: what is there is read, and nothing is retired."""
        self._begin(changes)
        supplier = self.world.supplier
        supplier.surplus = 1
        run = self.sync.run(APP)
        supplier.surplus = 0
        self._expect(run, Sent.by(self.world, is_whole=False))

    @rule(changes=changes, number=st.integers(1, 3))
    def sync_with_a_failing_page(self, changes: Changes, number: int) -> None:
        self._begin(changes)
        if len(self.world.offers) <= PER_PAGE * (number - 1):
            number = 1
        self.world.supplier.before_page = lambda name, page: (
            httpx.Response(500) if (name, page) == ("products", number) else None
        )
        run = self.sync.run(APP)
        self._calm()
        assert run.status is RunStatus.FAILED
        self.visitor.check(self.model.served)

    @rule(changes=changes)
    def sync_on_trial(self, changes: Changes) -> None:
        """A dry run says what would happen, and nothing does."""
        self._begin(changes)
        sent = Sent.by(self.world)
        run = self.sync.run(APP, is_dry_run=True)
        assert bool(run.brakes) == self.model.trips(sent, self.clock())
        self.visitor.check(self.model.served)

    @rule(changes=changes, count=st.integers(1, 40))
    def sync_that_is_killed(self, changes: Changes, count: int) -> None:
        """Readers see the old catalog or the new one; the next run simply works."""
        self._begin(changes)
        sent = Sent.by(self.world)
        is_tripped = self.model.trips(sent, self.clock())
        new = Picture() if is_tripped else self._picture_after(sent)
        revive = kill_at(self.sessions, WRITES, count)
        try:
            run = self.sync.run(APP)
        except KilledError:
            revive()
        else:
            revive()
            self._expect(run, sent)
            return
        assert self.visitor.shows(self.model.served) or (not is_tripped and self.visitor.shows(new))
        self._recover(sent, is_tripped=is_tripped)

    @precondition(lambda self: self.model.waiting is not None)
    @rule()
    def approve(self) -> None:
        self.clock.step(hours=1)
        assert self.model.waiting is not None
        assert self.waiting_id is not None
        sent = self.model.waiting
        run = self.sync.approve(APP, self.waiting_id, "key_1")
        assert run.status is (RunStatus.SUCCEEDED if sent.is_whole else RunStatus.INCOMPLETE)
        self._took(sent)

    # What the merchandiser does.

    @rule(document=curations())
    def edit_draft(self, document: dict[str, Any]) -> None:
        self.desk.drafts.replace(APP, read_curation(document))
        self.model.draft = document | {"overrides": self.model.draft["overrides"]}
        self._check_quickly()

    @rule(product_id=product_ids, values=overrides)
    def override(self, product_id: str, values: dict[str, Any]) -> None:
        if "title" in values:
            self.retitled += 1
            values = values | {"title": f"Our oq{self.retitled:04}"}
        self.desk.overrides.put(APP, product_id, read_override(values))
        self.model.draft = self.model.draft | {"overrides": self.model.draft["overrides"] | {product_id: values}}
        self._check_quickly()

    @precondition(lambda self: self.model.draft["overrides"])
    @rule(place=st.integers(0, 30))
    def take_override_back(self, place: int) -> None:
        overrides = dict(self.model.draft["overrides"])
        product_id = sorted(overrides)[place % len(overrides)]
        del overrides[product_id]
        self.desk.overrides.delete(APP, product_id)
        self.model.draft = self.model.draft | {"overrides": overrides}
        self._check_quickly()

    @rule()
    def publish_draft(self) -> None:
        self.clock.step(hours=1)
        self.desk.publishing.publish(APP, "key_1")
        self.model.versions.append(self.model.draft)
        self.model.show()
        self.visitor.check(self.model.served)

    @rule(statement=st.sampled_from(["INSERT INTO listing_texts", "UPDATE listings", "INSERT INTO catalog_gen"]))
    def publish_draft_and_be_killed(self, statement: str) -> None:
        """The version is in force; what it makes of the catalog shows after the next sync or publication."""
        self.clock.step(hours=1)
        self.model.versions.append(self.model.draft)
        revive = kill_at(self.sessions, statement, 1)
        try:
            self.desk.publishing.publish(APP, "key_1")
        except KilledError:
            pass
        else:
            self.model.show()
        finally:
            revive()
        self.visitor.check(self.model.served)

    @precondition(lambda self: self.model.versions)
    @rule(place=st.integers(0, 30))
    def restore_version(self, place: int) -> None:
        number = place % len(self.model.versions)
        self.desk.versions.restore(APP, number + 1)
        self.model.draft = self.model.versions[number]
        self._check_quickly()

    # What follows from it.

    def _change(self, changes: Changes) -> None:
        for change, place, price in changes:
            change_world(self.world, change, place, price)

    def _begin(self, changes: Changes) -> None:
        """An hour later, and something has changed: there is little to see where nothing has."""
        self.clock.step(hours=1)
        self._change(changes)

    def _expect(self, run: SyncRun, sent: Sent) -> None:
        """The run read this, and ended as the model says."""
        if self.model.trips(sent, self.clock()):
            assert run.status is RunStatus.QUARANTINED
            self.model.waiting, self.waiting_id = sent, run.id
            self.visitor.check(self.model.served)
            return
        assert run.status is (RunStatus.SUCCEEDED if sent.is_whole else RunStatus.INCOMPLETE), run
        self._took(sent)

    def _took(self, sent: Sent) -> None:
        self.model.take(sent, self.clock())
        self.waiting_id = None
        self.visitor.check(self.model.served)

    def _recover(self, sent: Sent, *, is_tripped: bool) -> None:
        try:
            run = self.sync.run(APP)
        except ConflictError:
            # Killed at its very end it still holds the lease, and has done all that it had to.
            if not is_tripped:
                self._took(sent)
            self.clock.step(seconds=LEASE_SECONDS + 1)
            run = self.sync.run(APP)
        if run.status is RunStatus.QUARANTINED:
            # How much of it was applied before is not for the model to know; somebody looks at the rest.
            run = self.sync.approve(APP, run.id, "key_1")
        assert run.status is (RunStatus.SUCCEEDED if sent.is_whole else RunStatus.INCOMPLETE)
        self._took(sent)

    def _picture_after(self, sent: Sent) -> Picture:
        ahead = ShopModel(known=self.model.known, versions=self.model.versions)
        ahead.take(sent, self.clock())
        return ahead.served

    def _check_quickly(self) -> None:
        """Nothing of this shows yet."""
        assert self.visitor.shows(self.model.served)

    def _calm(self) -> None:
        self.world.supplier.before_page = lambda _name, _page: None


def change_world(world: World, change: str, number: int, price: int) -> None:
    """One change of the supplier's catalog, as far as there is something to change."""
    place = number % len(world.offers) if world.offers else None
    match change:
        case "add":
            world.add(price)
        case "charge":
            world.charge(number % len(world.makers), price // 5, 2000 if number % 2 else None)
        case "bring_back" if world.gone:
            world.bring_back(number % len(world.gone))
        case "remove" if place is not None:
            world.remove(place)
        case _ if place is not None:
            fields: dict[str, dict[str, Any]] = {
                "reprice": {"price": price},
                "rename": {
                    "renamed": world.offers[place].renamed + 1,
                    "theme": THEMES[number % len(THEMES)],
                },
                "deactivate": {"is_active": False},
                "reactivate": {"is_active": True},
                "break": {"flaw": Flaw.ABSURD},
                "lose_name": {"flaw": Flaw.NAMELESS},
                "mend": {"flaw": None},
                "bring_back": {"flaw": None},
            }
            world.change(place, **fields[change])


def drift_world(world: World, kind: str, price: int, model: ShopModel) -> None:
    """A change that slides products over the edge of a page."""
    if kind == "add_at_front":
        world.add(price, at_front=True)
        return
    # One that slides over the edge unseen is only missed if it was known: a new one is found by the next run.
    sliding = model.known.get(world.offers[PER_PAGE].id) if len(world.offers) > PER_PAGE else None
    is_nameless = any(offer.flaw is Flaw.NAMELESS for offer in world.offers)
    if kind == "swap" and sliding is not None and sliding.is_present and not is_nameless:
        world.add(price)
    world.remove(0)


def test_what_is_on_sale_is_what_should_be(databases: Databases, templates: Templates) -> None:
    machine = type("ShopHistory", (ShopMachine,), {"databases": databases, "template": templates.of(None)})
    few = settings(
        max_examples=EXAMPLES or 2,
        stateful_step_count=50 if EXAMPLES else 20,
        deadline=None,
        phases=[Phase.generate, Phase.shrink] if EXAMPLES else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=few)
