"""Collections in what is served, without a merchandiser."""

import json

from tests.shop import Shop


def with_collection(shop: Shop) -> None:
    """Put `gifts` into what is served, and `tea` under it."""
    for position, (handle, parent, children) in enumerate((("gifts", None, ["tea"]), ("tea", "gifts", []))):
        document = {
            "handle": handle,
            "title": handle.title(),
            "description": None,
            "image": None,
            "parent": parent,
            "products_count": 3,
            "children": children,
        }
        shop.execute(
            "INSERT INTO published_collections (app_id, id, valid_from, valid_to, content_hash, position, document)"
            " VALUES (:app_id, :id, 1, 9000, '', :position, :document)",
            app_id=shop.app_id,
            id=handle,
            position=position,
            document=json.dumps(document).encode(),
        )
