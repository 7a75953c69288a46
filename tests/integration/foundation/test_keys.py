"""A key's life: made, restricted, used, rotated, expired, revoked."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from foundation.apps import Apps, NewApp
from foundation.database import Sessions
from foundation.errors import ConflictError, InvalidInputError, NotFoundError
from foundation.key_uses import KeyUses
from foundation.keys import KeyHolder, KeyKind, Keys, Restrictions
from tests.integration.foundation.test_apps import create
from tests.patience import until
from tests.shop import MovingClock


@pytest.fixture
def keys(sessions: Sessions, clock: MovingClock) -> Keys:
    return Keys(sessions, clock)


@pytest.fixture
def app(apps: Apps) -> NewApp:
    return create(apps)


def holder(keys: Keys, key: str) -> KeyHolder:
    found = keys.authenticate(key)
    assert found is not None
    return found


def test_an_expired_key_is_refused_from_that_moment_on(keys: Keys, app: NewApp, clock: MovingClock) -> None:
    until_then = Restrictions(expires_at=clock() + timedelta(hours=1))
    key = keys.create(app.app_id, KeyKind.SECRET, until_then)
    clock.advance(minutes=59)
    assert holder(keys, key).app_id == app.app_id
    clock.advance(minutes=2)
    assert keys.authenticate(key) is None


def test_a_rotated_key_and_its_successor_hold_together_for_a_while(keys: Keys, app: NewApp, clock: MovingClock) -> None:
    old = keys.create(app.app_id, KeyKind.SECRET, Restrictions(scopes=["orders:read"]))
    made = keys.rotate(holder(keys, old).key_id, timedelta(hours=24))
    assert made.key != old
    assert made.key_id == holder(keys, made.key).key_id != holder(keys, old).key_id
    assert holder(keys, made.key).scopes == holder(keys, old).scopes == frozenset({"orders:read"})
    clock.advance(hours=23)
    assert keys.authenticate(old) is not None
    clock.advance(hours=2)
    assert keys.authenticate(old) is None
    assert keys.authenticate(made.key) is not None


def test_rotation_never_lengthens_a_life(keys: Keys, app: NewApp, clock: MovingClock) -> None:
    ends = clock() + timedelta(hours=1)
    key_id = holder(keys, keys.create(app.app_id, KeyKind.SECRET, Restrictions(expires_at=ends))).key_id
    made = keys.rotate(key_id, timedelta(days=30))
    assert made.old_expires_at == ends
    assert keys.get(made.key_id).expires_at is None


def test_without_an_overlap_the_old_one_ends_at_once(keys: Keys, app: NewApp) -> None:
    old = keys.create(app.app_id, KeyKind.PUBLISHABLE, Restrictions(origins=["https://shop.example.com"]))
    made = keys.rotate(holder(keys, old).key_id, timedelta())
    assert keys.authenticate(old) is None
    assert set(holder(keys, made.key).origins or ()) == {"https://shop.example.com"}


def test_what_holds_no_longer_can_not_be_rotated(keys: Keys, app: NewApp) -> None:
    key_id = holder(keys, app.secret_key).key_id
    keys.revoke(key_id)
    with pytest.raises(ConflictError, match="storefront key create"):
        keys.rotate(key_id, timedelta(hours=1))
    with pytest.raises(NotFoundError, match="storefront key list"):
        keys.rotate("key_none", timedelta(hours=1))


@pytest.mark.parametrize(
    ("kind", "restrictions", "code"),
    [
        (KeyKind.SECRET, Restrictions(scopes=["money"]), "unknown_scope"),
        (KeyKind.SECRET, Restrictions(scopes=["orders:delete"]), "unknown_scope"),
        (KeyKind.PUBLISHABLE, Restrictions(scopes=["orders"]), "not_for_publishable"),
        (KeyKind.SECRET, Restrictions(origins=["https://shop.example.com"]), "not_for_secret"),
        (KeyKind.PUBLISHABLE, Restrictions(origins=["shop.example.com"]), "bad_origin"),
        (KeyKind.PUBLISHABLE, Restrictions(origins=["https://shop.example.com/"]), "bad_origin"),
        (KeyKind.PUBLISHABLE, Restrictions(origins=["https://SHOP.example.com"]), "bad_origin"),
        (KeyKind.PUBLISHABLE, Restrictions(origins=["null"]), "bad_origin"),
        (KeyKind.PUBLISHABLE, Restrictions(origins=["*"]), "bad_origin"),
    ],
)
def test_a_restriction_that_makes_no_sense_is_refused(
    keys: Keys, app: NewApp, kind: KeyKind, restrictions: Restrictions, code: str
) -> None:
    before = len(keys.of_app(app.app_id))
    with pytest.raises(InvalidInputError) as refused:
        keys.create(app.app_id, kind, restrictions)
    assert [fault.code for fault in refused.value.faults] == [code]
    assert len(keys.of_app(app.app_id)) == before


def test_a_key_that_was_born_expired_is_refused(keys: Keys, app: NewApp, clock: MovingClock) -> None:
    with pytest.raises(InvalidInputError):
        keys.create(app.app_id, KeyKind.SECRET, Restrictions(expires_at=clock()))


def test_restrictions_are_replaced_as_a_whole(keys: Keys, app: NewApp) -> None:
    key_id = holder(keys, app.secret_key).key_id
    keys.restrict(key_id, Restrictions(scopes=["events", "orders:read"]))
    assert set(holder(keys, app.secret_key).scopes or ()) == {"events:read", "events:write", "orders:read"}
    keys.restrict(key_id, Restrictions())
    assert holder(keys, app.secret_key).scopes is None


def test_pages_of_all_apps_are_known_together(keys: Keys, apps: Apps, app: NewApp) -> None:
    assert keys.origins() is None
    keys.restrict(holder(keys, app.publishable_key).key_id, Restrictions(origins=["https://one.example.com"]))
    assert set(keys.origins() or ()) == {"https://one.example.com"}
    other = create(apps, "other")
    assert keys.origins() is None
    keys.restrict(holder(keys, other.publishable_key).key_id, Restrictions(origins=["https://two.example.com"]))
    assert set(keys.origins() or ()) == {"https://one.example.com", "https://two.example.com"}
    keys.revoke(holder(keys, other.publishable_key).key_id)
    assert set(keys.origins() or ()) == {"https://one.example.com"}


@pytest.fixture
def uses(sessions: Sessions, clock: MovingClock) -> Iterator[KeyUses]:
    uses = KeyUses(sessions, clock, pause=0.05)
    yield uses
    uses.close()


def test_its_last_use_is_written_by_itself_and_not_per_request(
    keys: Keys, uses: KeyUses, app: NewApp, clock: MovingClock
) -> None:
    key_id = holder(keys, app.secret_key).key_id
    assert keys.get(key_id).last_used_at is None
    for _ in range(1000):
        uses.note(key_id)
    until(lambda: keys.get(key_id).last_used_at is not None)
    used = keys.get(key_id).last_used_at
    assert used is not None
    assert abs((used - clock()).total_seconds()) < 30
    assert uses.write() == 0


def test_what_was_not_written_yet_is_written_at_the_end(sessions: Sessions, keys: Keys, app: NewApp) -> None:
    uses = KeyUses(sessions, pause=3600)
    key_id = holder(keys, app.publishable_key).key_id
    uses.note(key_id)
    uses.close()
    assert keys.get(key_id).last_used_at is not None
