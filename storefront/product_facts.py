"""What a product was at a moment: payments asks, the catalog's history answers, else Goody."""

from collections.abc import Callable
from datetime import datetime

from catalog_sync import facts
from foundation.database import Sessions
from foundation.errors import GoodyNotFoundError
from foundation.goody.client import GoodyClient
from payments.revenue_share.facts import ProductFact


class CatalogFacts:
    """Implements payments' port. A swap can bring a product that no sync of ours has ever seen."""

    def __init__(self, sessions: Sessions, goody: Callable[[str], GoodyClient]) -> None:
        self._sessions = sessions
        self._goody = goody

    def __call__(self, app_id: str, product_id: str, at: datetime) -> ProductFact | None:
        """The product as it was at that moment, or as soon after as anybody knows; None if nobody knows it."""
        with self._sessions.read() as session:
            known = facts.product_facts(session, app_id, product_id, at) or facts.first_facts(
                session, app_id, product_id
            )
        if known is not None:
            return ProductFact(product_id, known.brand_id, known.price, known.revshare_excluded)
        try:
            product = self._goody(app_id).product(product_id).value
        except GoodyNotFoundError:
            return None
        return ProductFact(product_id, product.brand.id, product.price, bool(product.brand.commerce_revshare_excluded))
