"""What a product costs with its brand's shipping."""

from foundation.goody.resources import Product
from foundation.money import Cents


def price_with_shipping(product: Product) -> Cents:
    """What one piece costs with its brand's shipping, in cents; free from `free_shipping_minimum` upward."""
    brand = product.brand
    if brand.free_shipping_minimum is not None and product.price >= brand.free_shipping_minimum:
        return product.price
    return product.price + brand.shipping_price
