"""Secrets at rest: encrypted with the first key, read with any, so that keys can be rotated (Fernet)."""

import contextlib
import hashlib
import hmac
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from foundation.errors import SettingsError

ENCRYPTED: Final = MappingProxyType({"is_encrypted": True})
"""The `info` of a column that a vault writes: `storefront keys rotate-encryption` goes through all of them."""


class Vault:
    """Encrypts and decrypts what must be read back: Goody keys, webhook secrets, stored answers."""

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            fernets = [Fernet(key) for key in keys]
            self._fernet = MultiFernet(fernets)
            self._first = fernets[0]
        except ValueError as error:
            raise SettingsError(
                "STOREFRONT_ENCRYPTION_KEYS holds something that is no Fernet key (32 bytes, URL-safe base64). "
                "Make one with: storefront keys generate"
            ) from error

    def encrypt(self, plain: str) -> str:
        """Text that only this vault's keys read."""
        return self._fernet.encrypt(plain.encode()).decode()

    def decrypt(self, encrypted: str) -> str:
        """What was encrypted. SettingsError if none of the keys wrote it."""
        try:
            return self._fernet.decrypt(encrypted.encode()).decode()
        except InvalidToken as error:
            raise SettingsError(
                "A stored secret can't be decrypted with any of STOREFRONT_ENCRYPTION_KEYS. "
                "Add the key that wrote it back, after the new one."
            ) from error

    def is_current(self, encrypted: str) -> bool:
        """Whether it was encrypted with the first key."""
        try:
            self._first.decrypt(encrypted.encode())
        except InvalidToken:
            return False
        return True

    def renew(self, encrypted: str) -> str | None:
        """The same under the first key; None if none of the keys reads it."""
        try:
            return self._fernet.rotate(encrypted.encode()).decode()
        except InvalidToken:
            return None


def generate_key() -> str:
    """A new encryption key, as the settings take it."""
    return Fernet.generate_key().decode()


def write_key_file(path: Path) -> None:
    """Make a key file that its owner alone can read; an existing one is left as it is. OSError if it can't be."""
    if path.exists():
        return
    # Linked when it is whole: nobody reads half a key, and of two that start at once one wins.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(generate_key() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()


def fingerprint(secret: str) -> str:
    """What is stored of a key that is never read back. The keys are random, so a plain SHA-256 can't be searched."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, stored: str) -> bool:
    """Whether the secret has this fingerprint, in a time that does not tell where they differ."""
    return hmac.compare_digest(fingerprint(secret), stored)
