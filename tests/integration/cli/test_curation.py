"""`storefront curation`: files in and out, the starter set, preview, publish, versions, restore."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from foundation.errors import StorefrontError
from storefront.cli import cli
from tests.shop import VAULT_KEY

from .terminal import Terminal


class Shell:
    """Runs commands in this process, in the folder of a stocked shop."""

    def run(self, *arguments: str, given: str | None = None) -> Result:
        """Run `storefront curation …` for the app `shop`."""
        name, *rest = arguments
        return CliRunner().invoke(cli, ["curation", name, "--app", "shop", *rest], input=given)

    def told(self, *arguments: str, given: str | None = None) -> dict[str, Any]:
        """The JSON that a command prints."""
        result = self.run(*arguments, given=given)
        assert result.exit_code == 0, (result.output, result.exception)
        told: dict[str, Any] = json.loads(result.stdout)
        return told


@pytest.fixture
def shell(stocked: Terminal, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("STOREFRONT_ENCRYPTION_KEYS", VAULT_KEY)
    monkeypatch.chdir(stocked.folder)
    return Shell()


def test_from_the_starter_set_to_a_file_and_back(shell: Shell) -> None:
    assert shell.told("versions") == {"versions": []}
    assert shell.told("starter")["rules"] > 40
    refused = shell.run("starter")
    assert isinstance(refused.exception, StorefrontError)
    assert "--replace" in refused.exception.detail
    assert shell.told("starter", "--replace")["revision"] == 2
    preview = shell.told("preview", "--limit", "3")
    assert preview["moving"]["total"] > 100
    assert len(preview["moving"]["items"]) == 3
    published = shell.told("publish", "--note", "Starter")
    assert (published["version"], published["note"], published["published_by"]) == (1, "Starter", "operator")
    exported = shell.run("export", "-").stdout
    changed = {**json.loads(exported), "rules": [], "overrides": {"p": {"hidden": True}}}
    shown = shell.told("import", "-", given=json.dumps(changed))
    assert (shown["rules"], shown["overrides"]) == (0, 1)
    assert shell.told("restore", "1")["restored_version"] == 1
    assert shell.run("export", "-").stdout == exported
    Path("draft.json").write_text(exported, encoding="utf-8")
    assert shell.told("import", "draft.json")["overrides"] == 0
    assert [each["version"] for each in shell.told("versions")["versions"]] == [1]


def test_each_fault_of_a_file_stands_on_a_line_of_its_own(shell: Shell) -> None:
    bad = {"rules": [{"name": "A", "when": {"price": {"min": "1"}}}], "overrides": {"p": {"title": ""}}, "x": 1}
    refused = shell.run("import", "-", given=json.dumps(bad))
    assert refused.exit_code == 1
    assert refused.stderr.splitlines() == [
        "/x: unknown_field: is not known here; known are default, rules, collections, overrides",
        "/rules/0/when/price/min: wrong_type: must be a whole number",
        "/overrides/p/title: blank: must not be blank",
    ]
    assert isinstance(refused.exception, StorefrontError)
    assert "nothing was changed" in refused.exception.detail
    for given in ("{", '{"a":' * 100_000, "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")):
        refused = shell.run("import", "-", given=given)
        assert isinstance(refused.exception, StorefrontError), refused.exception
        assert "can't be read as JSON" in refused.exception.detail
    assert shell.run("restore", "1").exit_code == 1


def test_on_a_terminal_it_speaks_in_sentences(shell: Shell, stocked: Terminal) -> None:
    shell.told("starter")
    preview = stocked.show("curation", "preview", "--app", "shop").out
    assert "on sale" in preview
    assert "Tech   ← matches nothing" in preview
    assert "Chocolate and sweets" in preview


def test_a_refused_file_exits_with_1_and_a_last_line_that_says_so(stocked: Terminal) -> None:
    (stocked.folder / "bad.json").write_text('{"rules": [{"when": {}}]}', encoding="utf-8")
    ended = stocked.run("curation", "import", "--app", "shop", "bad.json")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.splitlines() == [
        "/rules/0/name: required: is missing",
        '/rules/0/when: empty: holds no condition; {"always": true} fits every product',
        "storefront: bad.json can't be used; nothing was changed.",
    ]
