"""Signatures of what goes out, verified by the public libraries of Standard Webhooks and Svix, in two languages."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
import standardwebhooks
import svix.webhooks

from tests.integration.delivery.partner import Message
from tests.integration.delivery.world import World

MODULES: Final = "STOREFRONT_TEST_NODE_MODULES"
"""A folder with svix and standardwebhooks of npm: `npm install svix standardwebhooks`."""
SCRIPT: Final = """
const [library, secret] = process.argv.slice(1);
const { Webhook } = require(library);
const { headers, body } = JSON.parse(require("fs").readFileSync(0, "utf8"));
try { new Webhook(secret).verify(body, headers); } catch (error) { console.log(error.name); process.exit(7); }
"""
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


def in_javascript(library: str) -> Verify:
    def verify(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
        node, modules = shutil.which("node"), os.environ.get(MODULES)
        if node is None or modules is None:
            pytest.skip(f"needs node, and {MODULES} to name a folder where npm installed svix and standardwebhooks")
        done = subprocess.run(  # noqa: S603  our own script
            [node, "-e", SCRIPT, library, secret],
            input=json.dumps({"headers": dict(headers), "body": body.decode()}),
            env={**os.environ, "NODE_PATH": modules},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, 7}, done.stderr
        return done.returncode == 0

    return verify


LIBRARIES: Final = {
    "standardwebhooks in Python": in_python(standardwebhooks),
    "svix in Python": in_python(svix.webhooks),
    "standardwebhooks in JavaScript": in_javascript("standardwebhooks"),
    "svix in JavaScript": in_javascript("svix"),
}


@pytest.fixture(params=LIBRARIES)
def verify(request: pytest.FixtureRequest) -> Verify:
    found: Verify = LIBRARIES[request.param]
    return found


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
