"""Apps and their keys, made by an operator."""

import json
import re

from tests.shop import VAULT_KEY

from .terminal import Terminal, complaint

NOWHERE = ("--goody-api-key", "goody_token_commerce_x", "--goody-base-url", "http://127.0.0.1:9")


def test_an_app_is_made_while_goody_is_down_and_its_keys_shown_once(initialised: Terminal) -> None:
    ended = initialised.run("app", "create", "demo", *NOWHERE, PUBLIC_URL="https://shop.example.com/")
    assert (ended.code, ended.err) == (0, "")
    shown = json.loads(ended.out)
    assert list(shown) == ["app_id", "slug", "publishable_key", "secret_key", "webhook_url"]
    assert shown["slug"] == "demo"
    assert shown["app_id"].startswith("app_")
    assert re.fullmatch(r"pk_\w{40}", shown["publishable_key"])
    assert re.fullmatch(r"sk_\w{40}", shown["secret_key"])
    assert shown["webhook_url"] == "https://shop.example.com/webhooks/goody/demo"

    listed = initialised.run("key", "list", "--app", "demo").out
    assert shown["secret_key"] not in listed
    assert shown["publishable_key"] not in listed


def test_a_slug_is_taken_once(initialised: Terminal) -> None:
    assert initialised.run("app", "create", "demo", *NOWHERE).code == 0
    again = initialised.run("app", "create", "demo", *NOWHERE)
    assert "'demo' already" in complaint(again)
    assert again.out == ""


def test_every_fault_of_a_new_app_is_told(initialised: Terminal) -> None:
    told = complaint(
        initialised.run(
            "app", "create", "No_", "--goody-api-key", " ", "--goody-base-url", "x", "--webhook-secret", "x"
        )
    )
    for pointer in ("/slug", "/goody_api_key", "/goody_base_url", "/webhook_secret"):
        assert f"{pointer}: " in told


def test_keys_are_made_listed_and_revoked(stocked: Terminal) -> None:
    made = stocked.run("key", "create", "--app", "shop", "--kind", "sk")
    assert (made.code, made.err) == (0, "")
    assert re.fullmatch(r"sk_\w{40}\n", made.out)
    lines = stocked.run("key", "list", "--app", "shop").out.splitlines()
    assert len(lines) == 3
    (line,) = [line for line in lines if made.out[:7] in line]
    assert line.endswith("active")
    key_id = line.split()[0]

    revoked = stocked.run("key", "revoke", key_id)
    assert (revoked.code, revoked.err) == (0, "")
    lines = stocked.run("key", "list", "--app", "shop").out.splitlines()
    assert [" revoked " in line for line in lines] == [key_id in line for line in lines]


def test_a_key_is_restricted_and_rotated(stocked: Terminal) -> None:
    options = ("--scope", "orders:read", "--scope", "events", "--expires-in-days", "30")
    made = stocked.run("key", "create", "--app", "shop", "--kind", "sk", *options).out.strip()
    (line,) = [line for line in stocked.run("key", "list", "--app", "shop").out.splitlines() if made[:7] in line]
    key_id = line.split()[0]
    assert "never used" in line
    assert "active until" in line
    assert line.endswith("scopes events:read,events:write,orders:read")

    rotated = json.loads(stocked.run("key", "rotate", key_id, "--overlap-hours", "1").out)
    assert list(rotated) == ["key", "key_id", "old_key_id", "old_key_expires_at"]
    assert rotated["old_key_id"] == key_id
    listed = stocked.run("key", "list", "--app", "shop").out
    assert rotated["key"] not in listed
    assert listed.count("scopes events:read,events:write,orders:read") == 2

    lifted = stocked.run("key", "restrict", rotated["key_id"], "--scope", "all", "--never-expires").out
    assert lifted == f"{rotated['key_id']}: active\n"
    assert "unknown" not in lifted
    assert "catalog, orders" in complaint(stocked.run("key", "restrict", key_id, "--scope", "money"))


def test_a_publishable_key_is_bound_to_pages(stocked: Terminal) -> None:
    made = stocked.run("key", "create", "--app", "shop", "--kind", "pk", "--origin", "https://shop.example.com")
    (line,) = [line for line in stocked.run("key", "list", "--app", "shop").out.splitlines() if made.out[:7] in line]
    assert line.endswith("origins https://shop.example.com")
    opened = stocked.run("key", "restrict", line.split()[0], "--origin", "any").out
    assert "origins" not in opened
    told = complaint(stocked.run("key", "create", "--app", "shop", "--kind", "pk", "--origin", "shop.example.com"))
    assert "/origins: " in told


def test_what_is_not_there_is_one_line(stocked: Terminal) -> None:
    assert "storefront app create nobody" in complaint(stocked.run("key", "list", "--app", "nobody"))
    assert "no app 'nobody'" in complaint(stocked.run("key", "create", "--app", "nobody", "--kind", "pk"))
    assert "storefront key list" in complaint(stocked.run("key", "revoke", "key_none"))
    assert "no app 'nobody'" in complaint(stocked.run("sync", "--app", "nobody"))
    assert "no app 'nobody'" in complaint(stocked.run("doctor", "--app", "nobody"))


def test_the_encryption_key_is_rotated(stocked: Terminal) -> None:
    new = stocked.run("keys", "generate").out.strip()
    both = f"{new},{VAULT_KEY}"
    counted = stocked.run("keys", "rotate-encryption", "--dry-run", ENCRYPTION_KEYS=both)
    assert "partner_apps.goody_api_key: 0 under the first key, 0 of them renewed now, 1 under older ones" in counted.out
    assert "2 remain under older keys" in counted.out
    done = stocked.run("keys", "rotate-encryption", ENCRYPTION_KEYS=both)
    assert done.code == 0
    assert "Nothing remains under older keys" in done.out
    assert stocked.run("app", "webhook-secret", "list", "shop", ENCRYPTION_KEYS=new).code == 0
    told = complaint(stocked.run("keys", "rotate-encryption", ENCRYPTION_KEYS=VAULT_KEY))
    assert "2 can't be read with any of STOREFRONT_ENCRYPTION_KEYS" in told


def test_a_customer_is_exported_and_erased(stocked: Terminal) -> None:
    exported = stocked.run("customer", "export", "--app", "shop", "cust_7", "--output", "out.json")
    assert (exported.code, exported.out) == (0, "")
    held = json.loads((stocked.folder / "out.json").read_text())
    assert (held["customer_id"], held["orders"]) == ("cust_7", [])
    erased = json.loads(stocked.run("customer", "erase", "--app", "shop", "cust_7", "--yes").out)
    assert (erased["orders"], erased["waiting"]) == (0, [])
    assert "no app 'nobody'" in complaint(stocked.run("customer", "export", "--app", "nobody", "cust_7"))
