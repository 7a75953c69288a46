"""Products that come again to the letter are told by their bytes, and only those."""

from catalog_sync.crawling.listings import Familiar, Unchanged, digest_of
from foundation.goody.pages import Sent
from foundation.goody.reading import with_raw

SENT = b'{"id": "mug", "price": 1200}'


def test_what_was_sent_just_so_before_is_recognised_and_nothing_else() -> None:
    familiar = Familiar()
    assert familiar.recognise(SENT) is None
    familiar.learn({digest_of(SENT): "mug"})
    assert familiar.recognise(SENT) == Unchanged("mug", digest_of(SENT))
    assert familiar.recognise(SENT.replace(b"1200", b"1201")) is None
    assert familiar.recognise(SENT.replace(b" ", b"")) is None


def test_what_is_recognised_is_not_decoded() -> None:
    familiar, decoded = Familiar(), list[bytes]()

    def decode(raw: bytes) -> object:
        decoded.append(raw)
        return raw.decode()

    familiar.learn({digest_of(SENT): "mug"})
    read = with_raw(decode, familiar.recognise)
    assert read(SENT) == Sent(SENT, Unchanged("mug", digest_of(SENT)))
    assert decoded == []
    assert read(b"{}") == Sent(b"{}", "{}")
    assert decoded == [b"{}"]
