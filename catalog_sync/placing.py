"""Where curation puts a product, as the last members of its documents: its tags, and the collections that list it.

They are kept apart from the documents, and joined to them when these are served: new rules then move ten thousand
products without a single document being written anew.
"""

from typing import Final

import msgspec

APART: Final = b"}"
"""The members of a document that needs none: how it ends."""


class Placing(msgspec.Struct, frozen=True):
    """Both in their order; collections by handle."""

    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Placing)


def members(placing: Placing) -> bytes:
    """What a document ends with."""
    return b"," + _encoder.encode(placing)[1:]


def read_members(ending: bytes) -> Placing:
    """The placing from what a document ends with."""
    return _decoder.decode(b"{" + ending[1:]) if ending != APART else Placing()


def open_document(document: bytes) -> bytes:
    """A document as its ending is put behind it."""
    return document[:-1]
