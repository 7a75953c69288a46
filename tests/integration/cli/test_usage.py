"""Help and wrong usage: nothing is opened for them, so the program's main is called within this process."""

import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from storefront.cli import main

from .terminal import PATIENCE, Ended, Terminal

Call = Callable[..., Ended]
COMMANDS = (
    (),
    ("init",),
    ("app",),
    ("app", "create"),
    ("key",),
    ("key", "create"),
    ("key", "list"),
    ("key", "revoke"),
    ("keys", "generate"),
    ("sync",),
    ("serve",),
    ("worker",),
    ("submission", "list"),
    ("statement", "import"),
    ("reconcile",),
    ("discrepancy", "list"),
    ("discrepancy", "resolve"),
    ("doctor",),
    ("openapi",),
    ("demo",),
)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls `storefront …` in an empty folder."""

    def run(*arguments: str) -> Ended:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["storefront", *arguments])
        try:
            main()
            code: object = 0
        except SystemExit as end:
            code = end.code
        assert isinstance(code, int)
        shown = capsys.readouterr()
        return Ended(code, shown.out, shown.err)

    return run


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_without_any_setting(call: Call, command: tuple[str, ...]) -> None:
    ended = call(*command, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("Usage: ")
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("init", "--nonsense"),
        ("app", "create"),
        ("app", "create", "x"),
        ("app", "create", "x", "--goody-api-key", "k", "--environment", "moon"),
        ("key", "create", "--app", "x", "--kind", "zz"),
        ("serve", "--workers", "0"),
        ("serve", "--bind", "nonsense"),
        ("serve", "--bind", ":8000"),
        ("serve", "--bind", "127.0.0.1:99999"),
        ("demo", "--json"),
        ("demo", "--port", "0"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_with_exit_code_2(call: Call, arguments: tuple[str, ...]) -> None:
    ended = call(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Usage: ")
    assert "Error: " in ended.err
    assert "Traceback" not in ended.err


def test_the_program_as_a_process_does_the_same(terminal: Terminal) -> None:
    with terminal.start("--version") as process:
        shown = process.communicate(timeout=PATIENCE)
    assert (process.returncode, shown[1]) == (0, "")
    assert shown[0].endswith(f", version {version('goody-storefront')}\n")
    with terminal.start("nonsense") as process:
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert "Error: " in err
