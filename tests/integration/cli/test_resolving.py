"""Commands for what does not get on, called in this process: submission, webhook, app webhook-secret."""

import base64
import json

import pytest
from click.testing import CliRunner, Result

from foundation.errors import ConflictError, StorefrontError
from storefront.cli import cli
from tests.integration.payments.stage import (
    batch_row,
    messages,
    place_order,
    send_as_if_by_a_process_that_died,
    set_batch,
)
from tests.shop import SLUG, VAULT_KEY, Shop

SECOND = "whsec_" + base64.b64encode(b"the secret after rotation").decode()
MESSAGE = b'{"event_type":"order.gift_wrapped","id":"event_1","data":{}}'


def _run(shop: Shop, *arguments: str) -> Result:
    url = shop.services.settings.database_url
    environ = {"STOREFRONT_DATABASE_URL": url, "STOREFRONT_ENCRYPTION_KEYS": VAULT_KEY}
    return CliRunner().invoke(cli, arguments, env=environ)


def _said(shop: Shop, *arguments: str) -> str:
    result = _run(shop, *arguments)
    assert result.exit_code == 0, result
    return result.output


def _refused(shop: Shop, *arguments: str) -> str:
    result = _run(shop, *arguments)
    assert isinstance(result.exception, StorefrontError), result
    return result.exception.detail


def test_an_order_is_abandoned_with_a_reason(shop: Shop) -> None:
    shop.goody.fail(kind="status", status=503, method="POST", path="/v1/order_batches")
    batch_id = shop.complete(shop.checkout()).get_json()["id"]
    assert f"{batch_id}  unknown" in _said(shop, "submission", "list")
    assert _run(shop, "submission", "abandon", batch_id).exit_code == 2, "it needs a reason"
    given = ("submission", "abandon", batch_id, "--reason", "refunded by hand", "--by", "Ana")
    assert "absent at two looks" in _said(shop, *given)
    assert "being abandoned by Ana" in _said(shop, "submission", "list")
    shop.clock.advance(minutes=3)
    shop.services.submissions.sweep()
    row = batch_row(shop, batch_id)
    assert (row.submission_status, row.resolution and row.resolution["reason"]) == ("rejected", "refunded by hand")
    assert "nothing to abandon" in _refused(shop, *given)


def test_a_batch_found_by_hand_is_adopted(shop: Shop) -> None:
    batch_id = place_order(shop)
    set_batch(shop, batch_id, submission_status="unknown")
    send_as_if_by_a_process_that_died(shop, batch_id)
    [held] = shop.goody.batches
    assert "is submitted" in _said(shop, "submission", "adopt", batch_id, "--goody-batch-id", held["id"])
    assert "There is no order batch" in _refused(shop, "submission", "adopt", "ob_x", "--goody-batch-id", held["id"])


def test_messages_are_listed_shown_and_replayed(shop: Shop) -> None:
    assert shop.deliver(MESSAGE, svix_id="msg_1").status_code == 204
    shop.services.inbox.apply_due()
    [message] = messages(shop)
    listed = _said(shop, "webhook", "list", "--app", SLUG, "--state", "ignored", "--since", "2026-01-01")
    assert f"{message.id}  " in listed
    assert "ignored  order.gift_wrapped  msg_1  unknown event type" in listed
    assert _said(shop, "webhook", "list", "--state", "failed") == "No message fits.\n"
    assert json.loads(_said(shop, "webhook", "show", str(message.id)).splitlines()[-1]) == json.loads(MESSAGE)
    assert _run(shop, "webhook", "replay").exit_code == 2, "it must be said which"
    assert "1 message is due again" in _said(shop, "webhook", "replay", str(message.id))
    assert messages(shop)[0].state == "received"
    assert "There is no webhook message 999" in _refused(shop, "webhook", "show", "999")


def test_secrets_rotate_with_overlap(shop: Shop) -> None:
    assert shop.deliver(MESSAGE).status_code == 204
    _said(shop, "app", "webhook-secret", "add", SLUG, SECOND)
    first, second = _said(shop, "app", "webhook-secret", "list", SLUG).splitlines()
    assert "active" in first
    assert SECOND not in second
    assert shop.deliver(MESSAGE, secret=SECOND).status_code == 204
    assert shop.deliver(MESSAGE).status_code == 204
    _said(shop, "app", "webhook-secret", "retire", SLUG, first.split()[0])
    with pytest.raises(ConflictError, match="last active one"):
        shop.services.webhook_secrets.retire(SLUG, int(second.split()[0]))
    assert "retired" in _said(shop, "app", "webhook-secret", "list", SLUG).splitlines()[0]


def test_a_changed_key_is_used_at_once(shop: Shop) -> None:
    shop.order()
    _said(shop, "app", "set", SLUG, "--goody-api-key", "goody_token_commerce_rotated")
    shop.complete(shop.checkout())
    assert len(shop.goody.batches) == 1, "the second one is another account's"
