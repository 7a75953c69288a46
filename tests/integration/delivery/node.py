"""Node with the public libraries that verify our signatures: of a folder that is named, or installed once from npm."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

MODULES: Final = "STOREFRONT_TEST_NODE_MODULES"
"""Names a `node_modules` folder to use as it is, with svix and standardwebhooks in it."""
PACKAGES: Final = ("standardwebhooks@1.1.1", "svix@1.99.1")
PING_SECONDS: Final = 5
INSTALL_SECONDS: Final = 15
QUIET: Final = ("--fetch-retries=0", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts")


SCRIPT: Final = """
const answer = ({ library, secret, body, headers }) => {
  try { new (require(library).Webhook)(secret).verify(body, headers); return "good"; }
  catch (error) { return error.name; }
};
const lines = require("readline").createInterface({ input: process.stdin });
lines.on("line", (line) => console.log(JSON.stringify(answer(JSON.parse(line)))));
"""


class NodeMissingError(Exception):
    """Signatures can't be verified in JavaScript here; says what is missing."""


@dataclass(frozen=True)
class Node:
    """A running program that verifies, one line of JSON after the other."""

    process: subprocess.Popen[str]

    def verify(self, library: str, secret: str, body: str, headers: Mapping[str, str]) -> bool:
        """Whether the library of this name takes the message."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        asked = {"library": library, "secret": secret, "body": body, "headers": dict(headers)}
        stdin.write(json.dumps(asked) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        assert answer in {"good", "WebhookVerificationError"}, answer
        return bool(answer == "good")


@contextmanager
def running_node(modules: Path) -> Iterator[Node]:
    """Node, with the libraries of this folder."""
    env = {**os.environ, "NODE_PATH": str(modules)}
    pipe = subprocess.PIPE
    command = [_program("node"), "-e", SCRIPT]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=env) as process:  # noqa: S603  our script
        # Its input closes with the block, and with that the program ends.
        yield Node(process)


def find_modules(cache: Path) -> Path:
    """Where the libraries are: in the folder named, or below `cache`, filled by npm once. NodeMissingError if not."""
    _program("node")
    if MODULES in os.environ:
        return Path(os.environ[MODULES])
    home = cache / "_".join(PACKAGES)
    if not home.exists():
        _install(home)
    return home / "node_modules"


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise NodeMissingError(f"needs {name} on the PATH")
    return found


def _install(home: Path) -> None:
    npm = _program("npm")
    _run([npm, "ping", f"--fetch-timeout={PING_SECONDS * 1000}", *QUIET], PING_SECONDS)
    with TemporaryDirectory(dir=home.parent) as folder:
        made = Path(folder, "made")
        _run([npm, "install", "--prefix", str(made), *QUIET, *PACKAGES], INSTALL_SECONDS)
        # Moved whole: other processes of a run may do the same at this moment, and the first one's is as good.
        if not home.exists():
            with suppress(OSError):
                made.rename(home)
    if not home.exists():
        raise NodeMissingError(f"needs a folder that can be written: {home}")


def _run(command: list[str], seconds: float) -> None:
    what = f"`npm {command[1]}`"
    try:
        done = subprocess.run(  # noqa: S603  npm, with fixed arguments
            command, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NodeMissingError(f"needs the npm registry: {what} took over {seconds} s; or set {MODULES}") from error
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise NodeMissingError(f"needs the npm registry: {what} failed ({why}); or set {MODULES}")
