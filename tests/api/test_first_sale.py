"""One sale through the API, with the world around it played by the emulator."""

from tests.shop import Shop


def test_a_gift_is_sold_paid_and_delivered(shop: Shop) -> None:
    order = shop.order()
    assert len(shop.goody.batches) == 1
    assert order["payment_link"] is None

    shop.hear("order.gift_opened", shop.goody.step(order["id"], "open"))
    shop.hear("order.gift_accepted", shop.goody.step(order["id"], "accept"))
    waiting = shop.call("GET", f"/v1/orders/{order['id']}").get_json()
    assert waiting["status"] == "pending_payment"
    assert waiting["payment_link"] == shop.goody.order(order["id"])["payment_link"]

    shop.goody.step(order["id"], "pay")
    shop.services.activities.poll_due()
    paid = shop.call("GET", f"/v1/orders/{order['id']}").get_json()
    assert paid["payment_link"] is None

    shop.hear("order.shipped", shop.goody.step(order["id"], "ship"))
    shop.hear("order.delivered", shop.goody.step(order["id"], "deliver"))
    delivered = shop.call("GET", f"/v1/orders/{order['id']}").get_json()
    assert delivered["status"] == "delivered"
    assert delivered["amounts"] == {
        name: shop.goody.order(order["id"])["amounts"].get(name, delivered["amounts"][name])
        for name in delivered["amounts"]
    }
    assert shop.event_types() == [
        "order_batch.submitted",
        "order.created",
        "order_batch.completed",
        "order.opened",
        "order.accepted",
        "order.payment_link_ready",
        "order.paid",
        "order.shipped",
        "order.delivered",
    ]
