"""Secrets at rest: encryption, rotation, fingerprints."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.encryption import Vault, fingerprint, generate_key, matches, write_key_file
from foundation.errors import SettingsError

KEY, OLD_KEY, FOREIGN_KEY = generate_key(), generate_key(), generate_key()


@given(st.text())
def test_what_was_encrypted_is_read_back(plain: str) -> None:
    vault = Vault([KEY])
    encrypted = vault.encrypt(plain)
    assert vault.decrypt(encrypted) == plain
    assert encrypted.isascii()
    assert encrypted != vault.encrypt(plain), "the same secret twice must not look the same"


def test_after_rotation_the_old_key_still_reads_and_the_new_one_writes() -> None:
    written_before = Vault([OLD_KEY]).encrypt("before")
    rotated = Vault([KEY, OLD_KEY])
    assert rotated.decrypt(written_before) == "before"
    written_after = rotated.encrypt("after")
    assert Vault([KEY]).decrypt(written_after) == "after"
    with pytest.raises(SettingsError):
        Vault([OLD_KEY]).decrypt(written_after)


def test_a_key_that_was_taken_away_too_early_says_what_to_do() -> None:
    written = Vault([OLD_KEY]).encrypt("secret")
    with pytest.raises(SettingsError, match=r"STOREFRONT_ENCRYPTION_KEYS.*Add the key that wrote it back"):
        Vault([FOREIGN_KEY, KEY]).decrypt(written)


@pytest.mark.parametrize("keys", [[], [""], ["short"], [KEY, "hunter2"], [KEY[:-2]], ["ключ"]])
def test_what_is_no_key_is_refused_without_being_quoted(keys: list[str]) -> None:
    with pytest.raises(SettingsError, match=r"STOREFRONT_ENCRYPTION_KEYS.*storefront keys generate") as caught:
        Vault(keys)
    assert "hunter2" not in str(caught.value)


def test_tampering_is_seen() -> None:
    vault = Vault([KEY])
    encrypted = vault.encrypt("secret")
    swapped = "A" if encrypted[-5] != "A" else "B"
    with pytest.raises(SettingsError):
        vault.decrypt(encrypted[:-5] + swapped + encrypted[-4:])


def test_a_key_file_is_written_once_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "x.key"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write_key_file, [path] * 8))
    first = path.read_text()
    Vault([first.strip()])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write_key_file(path)
    assert path.read_text() == first
    assert list(tmp_path.iterdir()) == [path]


def test_fingerprints_tell_secrets_apart_and_hide_them() -> None:
    stored = fingerprint("sk_secret")
    assert len(stored) == 64
    assert "secret" not in stored
    assert matches("sk_secret", stored)
    assert not matches("sk_secreT", stored)
