"""The command line: goody-emulator catalog."""

from typing import Final

import click

from goody_emulator.cli.options import connected, given
from goody_emulator.cli.remote import Remote
from goody_emulator.cli.shows import show, show_rows

_CHANGES: Final = {
    "made_at": "MADE",
    "action": "CHANGE",
    "product_id": "PRODUCT",
    "brand_id": "BRAND",
    "name": "NAME",
    "price": "CENTS",
    "app": "APP",
}


@click.group()
def catalog() -> None:
    """Change the catalog, at once or while it is paged through."""


@catalog.command()
@click.argument("action")
@click.argument("product_id", required=False)
@click.option("--price", type=int, help="reprice, add: cents.")
@click.option("--name", help="rename, add: the name.")
@click.option("--brand", "brand_id", help="The brand's id, of what is about a brand.")
@click.option("--shipping-price", type=int, help="rebrand_shipping: cents.")
@click.option("--place", type=int, help="move, add: where in the list, from 0.")
@connected
def change(remote: Remote, **wanted: object) -> None:
    """Make a change: add, remove, restore, move, reprice, activate, deactivate, rename, rebrand_shipping,
    exclude_from_revshare or touch.
    """  # noqa: D205 - click takes the first paragraph as the summary
    answer = remote.send("POST", "catalog/changes", {"changes": [given(**wanted)]})
    show_rows(remote, answer, answer["changes"], _CHANGES, "")


@catalog.command()
@connected
def changes(remote: Remote) -> None:
    """List the changes that were made, oldest first."""
    answer = remote.get("catalog/changes")
    show_rows(remote, answer, answer["changes"], _CHANGES, "Nothing was changed.")


@catalog.command()
@connected
def undo(remote: Remote) -> None:
    """Take all changes back."""
    remote.send("DELETE", "catalog/changes")
    show(remote, None, "Undone.")


@catalog.command()
@click.argument("action", type=click.Choice(["remove", "insert", "reprice", "reorder", "end", "show"]))
@click.option("--every", type=int, help="Pages of products between two changes.  [default: 1]")
@click.option("--count", type=int, help="Products that each change concerns.  [default: 1]")
@click.option("--times", type=int, help="How often it happens; without end when left out.")
@click.option("--seed", type=int, help="The same seed changes the same products.")
@connected
def drift(remote: Remote, action: str, **how: object) -> None:
    """Let the catalog change between pages of products; `show` tells what that did, `end` ends it."""
    if action == "end":
        remote.send("DELETE", "catalog/drift")
        show(remote, None, "The catalog stays as it is.")
        return
    answer = remote.get("catalog/drift") if action == "show" else _begin(remote, action, how)
    show(remote, answer, "\n".join(f"{name}: {value}" for name, value in answer.items()))


def _begin(remote: Remote, action: str, how: dict[str, object]) -> dict[str, object]:
    begun: dict[str, object] = remote.send("PUT", "catalog/drift", given(action=action, **how))
    return begun
