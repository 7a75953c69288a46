"""How a file's text is encoded, told from its bytes."""

import codecs
from collections.abc import Iterable
from typing import Final

UTF_8: Final = "utf-8-sig"
"""With or without a byte order mark."""
WINDOWS: Final = "cp1252"
_MARKS: Final = ((codecs.BOM_UTF8, UTF_8), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PROBED: Final = 4096


def encoding_of(chunks: Iterable[bytes]) -> str:
    """Python's name of the encoding: by the byte order mark, by the zeros of UTF-16, UTF-8 if it is, else Windows-1252.

    Reads no further than it must. Nothing is held.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_first = True
    try:
        for chunk in chunks:
            if is_first:
                marked = _by_its_beginning(chunk[:_PROBED])
                if marked is not None:
                    return marked
                is_first = False
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return WINDOWS
    return UTF_8


def _by_its_beginning(head: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    # A table's header is ASCII for the most part, of which UTF-16 makes every second byte zero.
    half = len(head) // 2
    if half and head[1::2].count(0) > half * 3 // 4:
        return "utf-16-le"
    if half and head[0::2].count(0) > half * 3 // 4:
        return "utf-16-be"
    return None
