"""Editing one collection of the draft at a time. Effective, like everything in a draft, when it is published."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalog_sync.curation.drafts import CurationDrafts
from catalog_sync.curation.model import CollectionDefinition, Curation
from catalog_sync.curation.reading import read_curation, write_curation
from foundation.errors import ConflictError, Fault, InvalidInputError, NotFoundError


class DraftCollections:
    """The collections of the apps' drafts. `expected` is the draft's revision that the caller has seen."""

    def __init__(self, drafts: CurationDrafts) -> None:
        self._drafts = drafts

    def add(self, app_id: str, document: object, expected: int | None = None) -> tuple[CollectionDefinition, int]:
        """A new collection, behind the others, and the draft's revision. InvalidInputError names every fault."""

        def change(before: Curation) -> Curation:
            written = write_curation(before)
            return _checked({**written, "collections": [*written["collections"], document]}, len(before.collections))

        draft = self._drafts.edit(app_id, change, expected)
        return draft.curation.collections[-1], draft.revision

    def change(
        self, app_id: str, handle: str, changes: object, expected: int | None = None
    ) -> tuple[CollectionDefinition, int]:
        """The collection with other members, and the draft's revision; what is not named stays, null takes it off.

        NotFoundError: the draft has no such collection. Its handle can't be changed.
        """
        if not isinstance(changes, Mapping):
            raise InvalidInputError("The change can't be used.", [Fault("", "wrong_type", "must be an object")])
        if changes.get("handle", handle) != handle:
            fault = Fault("/handle", "read_only", "a collection keeps its handle; make another one instead")
            raise InvalidInputError("The change can't be used.", [fault])

        def change(before: Curation) -> Curation:
            number = _number(before, handle)
            written = write_curation(before)
            written["collections"][number] |= changes
            return _checked(written, number)

        draft = self._drafts.edit(app_id, change, expected)
        return draft.curation.collections[_number(draft.curation, handle)], draft.revision

    def remove(self, app_id: str, handle: str, expected: int | None = None) -> int:
        """Take it out of the draft; the draft's revision. ConflictError names what still refers to it."""

        def change(before: Curation) -> Curation:
            number = _number(before, handle)
            users = [f"rule {rule.name!r}" for rule in before.rules if handle in rule.collections]
            users += [f"collection {each.handle!r}" for each in before.collections if each.parent == handle]
            if users:
                raise ConflictError(f"{handle!r} is still in use by {', '.join(users)}. Change these first.")
            return replace(before, collections=before.collections[:number] + before.collections[number + 1 :])

        return self._drafts.edit(app_id, change, expected).revision


def _number(curation: Curation, handle: str) -> int:
    for number, collection in enumerate(curation.collections):
        if collection.handle == handle:
            return number
    raise NotFoundError("The draft has no such collection.")


def _checked(document: dict[str, Any], number: int) -> Curation:
    """The curation of the document; faults of the one collection that changed are pointed at within it."""
    try:
        return read_curation(document)
    except InvalidInputError as error:
        faults = [_within(fault, f"/collections/{number}/") for fault in error.faults]
        raise InvalidInputError("The collection can't be used.", faults) from error


def _within(fault: Fault, prefix: str) -> Fault:
    """The fault as one of the collection; what another part of the draft would suffer is one of all of it."""
    if fault.pointer.startswith(prefix):
        return replace(fault, pointer="/" + fault.pointer.removeprefix(prefix))
    return replace(fault, pointer="", detail=f"would break {fault.pointer} of the draft: {fault.detail}")
