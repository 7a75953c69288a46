"""Another partner's app in the same deployment."""

from foundation.apps import NewApp
from foundation.ids import new_token
from tests.shop import Shop


def second_app(shop: Shop, *, webhook_secret: str | None = None) -> NewApp:
    """An app beside the shop's own, of slug `other`, at the same Goody; its catalog was never synced."""
    return shop.services.apps.create(
        "other",
        goody_api_key=f"goody_token_commerce_{new_token()}",
        goody_base_url=shop.goody.base_url,
        webhook_secret=webhook_secret,
        default_mode="hosted_payment",
    )
