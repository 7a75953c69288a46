"""What is assumed of stored value, turned round."""

from .partner import ADDRESS, STORED, Json, Partner
from .sales import LATER, earning, order_of, use_quirks


def _kinds(partner: Partner) -> list[tuple[str, int]]:
    return [(each["kind"], each["amount"]) for each in partner.account()[1][1:]]


def _pre_tax(order: Json) -> int:
    cents: int = order["amounts"]["amount_pre_tax_total"]
    return cents


def test_charged_early(partner: Partner) -> None:
    use_quirks(partner, "stored-value-charged-early")
    order_id = order_of(partner, earning(partner))
    known = _pre_tax(partner.get(f"/v1/orders/{order_id}"))
    assert _kinds(partner) == [("charge", -known)]
    order = partner.accept(order_id)
    assert order["status"] == "ordered"
    charge, adjustment, share = _kinds(partner)
    assert charge == ("charge", -known)
    assert adjustment == ("charge_adjustment", known - order["amounts"]["amount_total"])
    assert share[0] == "revenue_share"
    partner.step(order_id, "refund")
    assert partner.account()[0] == 10_000_000
    assert _kinds(partner)[3:] == [("refund", order["amounts"]["amount_total"]), (f"{share[0]}_reversal", -share[1])]


def test_charged_early_and_swapped_for_less(partner: Partner) -> None:
    use_quirks(partner, "stored-value-charged-early")
    cheap = earning(partner)
    dear = max((each for each in partner.products if not each["price_is_variable"]), key=lambda each: each["price"])
    order_id = order_of(partner, dear)
    body = {"mailing_address": ADDRESS | {"state": "OR"}, "swap": [{"product_id": cheap["id"]}]}
    total = partner.step(order_id, "accept", body)["amounts"]["amount_total"]
    charges = [amount for kind, amount in _kinds(partner) if kind != "revenue_share"]
    assert len(charges) == 2
    assert charges[1] > 0
    assert sum(charges) == -total


def test_charged_early_and_canceled(partner: Partner) -> None:
    use_quirks(partner, "stored-value-charged-early")
    order_id = order_of(partner, earning(partner))
    known = _pre_tax(partner.step(order_id, "cancel"))
    assert _kinds(partner) == [("charge", -known), ("refund", known)]
    assert partner.account()[0] == 10_000_000


def test_what_is_not_covered_is_not_charged_early(partner: Partner) -> None:
    use_quirks(partner, "stored-value-charged-early")
    order_id = order_of(partner, earning(partner), quantity=1000)
    partner.http.post("/_emulator/stored_value/withdrawals", json={"amount": partner.account()[0]})
    other = order_of(partner, earning(partner))
    kinds = [kind for kind, _ in _kinds(partner)]
    assert kinds in (["charge", "withdrawal"], ["withdrawal"])
    assert partner.accept(other)["status"] == "pending_payment"
    assert partner.get(f"/v1/orders/{order_id}")["status"] in {"created", "notified"}


def test_without_the_quirk_nothing_is_charged_early(partner: Partner) -> None:
    order_of(partner, earning(partner))
    assert _kinds(partner) == []


def test_renamed(partner: Partner) -> None:
    [before] = partner.get("/v1/payment_methods")["data"]
    assert before["id"] == STORED
    use_quirks(partner, "stored-value-renamed")
    [method] = partner.get("/v1/payment_methods")["data"]
    assert method == {**before, "id": method["id"]}
    assert method["id"] != STORED
    for each in (method["id"], STORED):
        order = partner.accept(order_of(partner, earning(partner), payment_method_id=each))
        assert (order["status"], order["payment_link"]) == ("ordered", None)
    assert [kind for kind, _ in _kinds(partner)] == ["charge", "revenue_share"] * 2
    assert "Expires at" in partner.refused(partner.wish(payment_method_id=method["id"], expires_at=None))
    use_quirks(partner)
    refused = partner.refused(partner.wish(payment_method_id=method["id"], expires_at=LATER))
    assert refused == f"Payment method not found: {method['id']}"


def test_uncovered_fails(partner: Partner) -> None:
    use_quirks(partner, "uncovered-fails")
    product = earning(partner)
    partner.http.post("/_emulator/stored_value/withdrawals", json={"amount": 10_000_000})
    order_id = order_of(partner, product)
    order = partner.accept(order_id)
    assert (order["status"], order["event_times"]["paid_at"]) == ("failed", None)
    partner.deposit(1_000_000)
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "failed"
    assert [kind for kind, _ in _kinds(partner)] == ["withdrawal", "deposit"]
    assert partner.accept(order_of(partner, product))["status"] == "ordered"
