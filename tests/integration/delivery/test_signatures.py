"""Signatures of what goes out, verified by the public libraries of Standard Webhooks and Svix, in two languages."""

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest
import standardwebhooks
import svix.webhooks

from tests.integration.delivery.node import Node, NodeMissingError, find_modules, running_node
from tests.integration.delivery.partner import Message
from tests.integration.delivery.world import World

FAILURES: Final = (standardwebhooks.WebhookVerificationError, svix.webhooks.WebhookVerificationError)

Verify = Callable[[str, bytes, Mapping[str, str]], bool]


def in_python(library: Any) -> Verify:
    def verify(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
        try:
            library.Webhook(secret).verify(body, dict(headers))
        except FAILURES:
            return False
        return True

    return verify


def in_javascript(node: Node, library: str) -> Verify:
    def verify(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
        return node.verify(library, secret, body.decode(), headers)

    return verify


@pytest.fixture(scope="session")
def node(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    # Without pytest's cache (`-p no:cacheprovider`) the packages last as long as the run.
    cache = getattr(pytestconfig, "cache", None)
    folder = tmp_path_factory.mktemp("npm") if cache is None else cache.mkdir("npm")
    try:
        modules = find_modules(folder)
    except NodeMissingError as error:
        pytest.skip(str(error))
    with running_node(modules) as node:
        yield node


PYTHON: Final = {"standardwebhooks in Python": standardwebhooks, "svix in Python": svix.webhooks}
JAVASCRIPT: Final = {"standardwebhooks in JavaScript": "standardwebhooks", "svix in JavaScript": "svix"}


@pytest.fixture(params=[*PYTHON, *JAVASCRIPT])
def verify(request: pytest.FixtureRequest) -> Verify:
    if request.param in PYTHON:
        return in_python(PYTHON[request.param])
    return in_javascript(request.getfixturevalue("node"), JAVASCRIPT[request.param])


def sent(world: World) -> Message:
    world.happen("order.paid", "Zoë")
    world.deliver()
    return world.partner.received[-1]


def test_what_was_signed_is_accepted_and_what_was_forged_is_not(world: World, verify: Verify) -> None:
    _, secret = world.endpoint()
    message = sent(world)
    body, headers = message.body, message.headers
    assert verify(secret, body, headers)
    assert headers["webhook-id"] == message.event["id"]
    other = "whsec_" + base64.b64encode(b"the secret of someone else").decode()
    assert not verify(other, body, headers)
    assert not verify(secret, body.replace(b"order.paid", b"order.open"), headers)
    assert not verify(secret, body, {**headers, "webhook-id": "evt_another"})
    for seconds in (-600, 600):
        moved = str(int(headers["webhook-timestamp"]) + seconds)
        assert not verify(secret, body, {**headers, "webhook-timestamp": moved}), "replayed, or made to look fresh"


def test_a_retry_is_signed_anew_with_its_own_time(world: World, verify: Verify) -> None:
    endpoint, secret = world.endpoint()
    first = sent(world)
    world.clock.advance(seconds=-3)
    world.services.deliveries.redeliver(world.app_id, world.only(endpoint).id)
    world.clock.advance(seconds=3.5)
    world.deliver()
    again = world.partner.received[-1]
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert verify(secret, again.body, again.headers)


def test_while_a_rotation_lasts_both_secrets_verify_and_after_it_the_new_one(world: World, verify: Verify) -> None:
    endpoint, old = world.endpoint()
    _, new = world.services.webhook_endpoints.rotate(world.app_id, endpoint.id, 20)
    during = sent(world)
    assert len(during.headers["webhook-signature"].split()) == 2
    assert verify(old, during.body, during.headers)
    assert verify(new, during.body, during.headers)
    world.clock.advance(seconds=21)
    after = sent(world)
    assert len(after.headers["webhook-signature"].split()) == 1
    assert not verify(old, after.body, after.headers)
    assert verify(new, after.body, after.headers)


def test_half_rotated_signatures_are_each_good_for_their_own_secret_alone(world: World, verify: Verify) -> None:
    endpoint, old = world.endpoint()
    _, new = world.services.webhook_endpoints.rotate(world.app_id, endpoint.id, 20)
    message = sent(world)
    by_new, by_old = message.headers["webhook-signature"].split()
    for signature, good, bad in ((by_new, new, old), (by_old, old, new)):
        headers = {**message.headers, "webhook-signature": signature}
        assert verify(good, message.body, headers)
        assert not verify(bad, message.body, headers)
    assert not verify(new, message.body, {**message.headers, "webhook-signature": f"v1,AAAA {by_old}"})
    assert verify(new, message.body, {**message.headers, "webhook-signature": f"v2,AAAA {by_new}"})


def test_rotated_without_overlap_the_old_secret_signs_no_more(world: World, verify: Verify) -> None:
    endpoint, old = world.endpoint()
    _, new = world.services.webhook_endpoints.rotate(world.app_id, endpoint.id, 0)
    message = sent(world)
    assert verify(new, message.body, message.headers)
    assert not verify(old, message.body, message.headers)
