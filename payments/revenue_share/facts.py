"""The port through which payments asks what a product was: a cart's items carry no price."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from foundation.money import Cents


@dataclass(frozen=True, slots=True)
class ProductFact:
    """A product at a moment: its price in US cents, its brand, and whether Goody lets that brand earn no share."""

    product_id: str
    brand_id: str
    price: Cents
    is_excluded: bool


class ProductFacts(Protocol):
    """Answers from wherever products are known."""

    def __call__(self, app_id: str, product_id: str, at: datetime) -> ProductFact | None:
        """The product as it was at that moment, or as soon after as anybody knows; None if nobody knows it.

        May ask Goody, so it is called outside any transaction; GoodyError if that fails.
        """
