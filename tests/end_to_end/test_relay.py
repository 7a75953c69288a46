"""The payment link through the programs themselves: from Goody's webhook to the partner's endpoint, and to a stream."""

import socket
from collections.abc import Callable
from contextlib import closing

from tests.integration.delivery.partner import partner_backend

from .deployment import Deployment, until

READY = "order.payment_link_ready"


def test_a_link_reaches_the_endpoint_and_the_stream(deployment: Deployment, free_port: Callable[[], int]) -> None:
    port = free_port()
    assert deployment.web.end() == 0
    deployment.web.environ = {**deployment.environ, "STOREFRONT_STREAM_BIND": f"127.0.0.1:{port}"}
    deployment.start_web()
    with partner_backend() as partner:
        status, endpoint = deployment.ask(
            "POST", "/v1/webhook_endpoints", {"url": partner.url(), "event_types": [READY]}
        )
        assert status == 201
        checkout = deployment.ready_checkout()
        status, made = deployment.ask("POST", "/v1/stream_tokens", {"checkout_id": checkout["id"]})
        assert (status, made["url"].partition("?")[0]) == (201, f"http://127.0.0.1:{port}/v1/events/stream")
        status, batch = deployment.complete(checkout)
        (order,) = batch["orders"]
        with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as stream:
            stream.sendall(f"GET /v1/events/stream?token={made['token']} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            for step in ("open", "accept"):
                deployment.step(order["id"], step)
            (message,) = partner.wait_for(1)
            link = message.event["data"]["payment_link"]
            assert (message.event["data"]["id"], link.startswith("http")) == (order["id"], True)
            read = b""
            while READY.encode() not in read or not read.endswith(b"\n\n"):
                part = stream.recv(65_536)
                assert part, read
                read += part
            assert link.encode() in read
        shown = f"/v1/orders/{order['id']}"
        until(lambda: deployment.ask("GET", shown)[1]["payment_link_status"] == "delivered")
        deliveries = f"/v1/webhook_endpoints/{endpoint['id']}/deliveries"
        assert [each["status"] for each in deployment.ask("GET", deliveries)[1]["data"]] == ["delivered"]
    assert deployment.worker.end() == 0
    assert deployment.web.end() == 0
