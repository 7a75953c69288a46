"""What whoever is on call does with partners' webhook endpoints."""

from storefront.delivery.endpoints import Wish
from storefront.services import build_services
from tests.integration.delivery.partner import Reply, partner_backend
from tests.shop import settings_for

from .terminal import Terminal, complaint


def test_endpoints_are_listed_tested_and_enabled(stocked: Terminal) -> None:
    services = build_services(settings_for(f"sqlite:///{stocked.folder / 'storefront.db'}"))
    app_id = services.apps.by_slug("shop").id
    with partner_backend() as partner:
        endpoint, _ = services.webhook_endpoints.create(app_id, Wish(url=partner.url(), event_types=["order.*"]))
        services.webhook_endpoints.change(app_id, endpoint.id, Wish(is_enabled=False))
        services.close()
        tested = stocked.run("endpoint", "test", "shop", endpoint.id, ALLOW_LOCAL_ENDPOINTS="true")
        assert (tested.code, tested.out.startswith("delivered in "), len(partner.received)) == (0, True, 1)
        partner.answer(Reply(500))
        failed = stocked.run("endpoint", "test", "shop", endpoint.id, ALLOW_LOCAL_ENDPOINTS="true")
        assert "It answered 500." in failed.out
        assert "did not take" in complaint(failed)
    listed = stocked.run("endpoint", "list", "shop").out
    assert listed.startswith(f"{endpoint.id}  disabled (by_partner)  http://")
    assert "order.*  0 waiting, 0 pending, 0 sending, 1 delivered, 1 failed" in listed
    assert stocked.run("endpoint", "enable", "shop", endpoint.id).code == 0
    assert "  enabled  http://" in stocked.run("endpoint", "list", "shop").out
