"""docs/emulator.md, followed to the letter: each command works as it is shown, and prints what is shown."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from .program import running

GUIDE: Final = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text()
_BLOCK: Final = re.compile(r"```(sh|text|python|toml)\n(.*?)```", re.DOTALL)
_ENDS: Final = "--- that was block "


def _blocks(*kinds: str) -> list[tuple[str, str]]:
    return [(kind, text) for kind, text in _BLOCK.findall(GUIDE) if kind in kinds]


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as somebody would for whom the program is in the path."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GOODY")}
    found = {**own, "PATH": f"{Path(sys.executable).parent}:{own['PATH']}", "NO_PROXY": "127.0.0.1"}
    # The commands are the guide's.
    return subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, cwd=folder, env=found, timeout=300, check=False
    )


def _shown(text: str) -> re.Pattern[str]:
    """What a block shows, line by line, where an ellipsis stands for anything and blanks for any number of them."""
    lines = []
    for line in text.strip().splitlines():
        parts = (r"\s+".join(map(re.escape, part.split())) for part in line.split("…"))
        lines.append(r"[^\n]*".join(parts))
    return re.compile(r"[^\n]*\n(?:.*?\n)??[^\n]*".join(lines), re.DOTALL)


def test_every_command_works_and_prints_what_is_shown(tmp_path: Path) -> None:
    (first, start), (_, announced), *blocks = _blocks("sh", "text")
    assert first == "sh"
    assert "goody-emulator serve\n" in start
    assert "goody-emulator listening on http://127.0.0.1:8400\n" in announced
    with running() as url:
        script = ["set -euo pipefail", "exec 2>&1"]
        for place, (kind, text) in enumerate(blocks):
            script += [text if kind == "sh" else "", f"echo '{_ENDS}{place}'"]
        told = f"export GOODY_EMULATOR_URL={url}\n" + "\n".join(script).replace("http://127.0.0.1:8400", url)
        done = _run(tmp_path, "bash", "-c", told)
    assert done.returncode == 0, done.stdout[-2000:]
    printed = re.split(rf"{_ENDS}\d+\n", done.stdout.replace(url, "http://127.0.0.1:8400"))
    shows = [place for place, (kind, _) in enumerate(blocks) if kind == "text"]
    assert len(shows) >= 10
    for place in shows:
        assert _shown(blocks[place][1]).search(printed[place - 1]), (blocks[place][1], printed[place - 1])
    assert (tmp_path / "november.csv").read_text().startswith("date,id,type,")


def test_the_fixtures_of_a_test_suite_work(tmp_path: Path) -> None:
    [(_, python)] = _blocks("python")
    (tmp_path / "test_mine.py").write_text(python)
    done = _run(tmp_path, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py")
    assert "1 passed" in done.stdout, done.stdout


def test_the_scenario_of_the_guide_can_be_put(tmp_path: Path) -> None:
    [(_, toml)] = _blocks("toml")
    (tmp_path / "mine.toml").write_text(toml)
    with running("--products", "60") as url:
        done = _run(tmp_path, "goody-emulator", "scenario", "put", "mine.toml", "--url", url)
    assert (done.returncode, done.stderr) == (0, "")
