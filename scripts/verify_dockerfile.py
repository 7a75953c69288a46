"""Run the Dockerfile's steps without a container engine, in a clean tree, and see the image's program get healthy.

Every stage shares one scratch root that stands for `/`. When a stage begins, all that it does not copy from the stage
before is removed, so that what runs in the end is what the image would hold. What this can't show: the base image, and
the user switch (it only checks that the user is not root).
"""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
HEALTHY_WITHIN_SECONDS = 40


@dataclass
class Image:
    """What the steps have made so far."""

    root: Path
    context: Path
    workdir: str = "/"
    environ: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    user: str = "root"
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def path(self, inside: str) -> Path:
        """Where a path of the image lies in the scratch root."""
        return self.root / inside.removeprefix("/") if inside.startswith("/") else self.path(self.workdir) / inside

    def mapped(self, text: str) -> str:
        """The text with the image's own absolute paths moved into the scratch root."""
        return re.sub(r"(?<![\w./])/(opt|build|data)(?=[/\s:]|$)", rf"{self.root}/\1", text)

    def run(self, command: str) -> None:
        """Run a shell command as the image would."""
        print(f"RUN {command[:110]}", flush=True)
        subprocess.run(  # noqa: S602  the Dockerfile's own command
            self.mapped(command), shell=True, check=True, cwd=self.path(self.workdir), env=self._environ()
        )

    def start(self, command: list[str], *, is_quiet: bool = False) -> "subprocess.Popen[bytes]":
        """Start a program of the image."""
        return subprocess.Popen(  # noqa: S603  the Dockerfile's own command
            [self._program(command[0]), *command[1:]],
            cwd=self.path(self.workdir),
            env=self._environ(),
            stderr=subprocess.DEVNULL if is_quiet else None,
        )

    def _environ(self) -> dict[str, str]:
        needed = {
            name: value for name, value in os.environ.items() if name.lower().startswith(("pip_", "ssl_", "http"))
        }
        return {**needed, "HOME": str(self.root), "PATH": os.environ["PATH"], **self.environ}

    def _program(self, name: str) -> str:
        found = shutil.which(name, path=self._environ()["PATH"])
        if found is None or not found.startswith(str(self.root)):
            sys.exit(f"Dockerfile: the image has no program {name!r} on its PATH; it found {found}.")
        return found


def main() -> None:
    """Run every step, then the program, until its own health check says yes."""
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        image = Image(root=Path(folder) / "root", context=_context(Path(folder) / "context"))
        image.root.mkdir()
        _link_python(image, Path(folder) / "bin")
        for keyword, rest in _instructions((REPOSITORY / "Dockerfile").read_text()):
            STEPS[keyword](image, rest)
        if image.user in {"root", "0", ""}:
            sys.exit("Dockerfile: the image would run as root.")
        _see_it_healthy(image)
    print("The Dockerfile's steps work, and what they make gets healthy.")


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    for line in filter(str.strip, joined.splitlines()):
        keyword, _, rest = line.strip().partition(" ")
        yield keyword, rest.strip()


def _context(target: Path) -> Path:
    """A copy of the tracked and new files that .dockerignore lets in."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listed, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout.splitlines()  # noqa: S603
    lines = (REPOSITORY / ".dockerignore").read_text().splitlines()
    allowed = tuple(line.removeprefix("!") for line in lines if line.startswith("!"))
    for name in files:
        if name.startswith(allowed) and (REPOSITORY / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, target / name)
    return target


def _link_python(image: Image, folder: Path) -> None:
    """Let `python` be the interpreter that runs this, as the base image would have one."""
    folder.mkdir()
    base = getattr(sys, "_base_executable", sys.executable)
    (folder / "python").symlink_to(base)
    image.environ["PATH"] = f"{folder}:{os.environ['PATH']}"


def _from(image: Image, rest: str) -> None:
    version = re.match(r"python:(\d+)\.(\d+)", rest)
    if version is None or tuple(map(int, version.groups())) < (3, 11):
        sys.exit(f"Dockerfile: FROM {rest} is no Python of 3.11 or newer.")
    image.workdir, image.kept = "/", set()


def _copy(image: Image, rest: str) -> None:
    *sources, target = [part for part in rest.split() if not part.startswith("--")]
    if "--from=" in rest:
        image.kept.add(target)
        for path in sorted(image.root.glob("*/*")) + sorted(image.root.glob("*")):
            inside = "/" + str(path.relative_to(image.root))
            if not any(kept == inside or kept.startswith(inside + "/") for kept in image.kept):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not image.path(target).exists():
            sys.exit(f"Dockerfile: COPY {rest}: the stage before left no {target}.")
        return
    for source in sources:
        found, goal = image.context / source, image.path(target)
        if found.is_dir():
            shutil.copytree(found, goal, dirs_exist_ok=True)
        else:
            goal.mkdir(parents=True, exist_ok=True)
            shutil.copy(found, goal)


def _workdir(image: Image, rest: str) -> None:
    image.workdir = rest
    image.path(rest).mkdir(parents=True, exist_ok=True)


def _env(image: Image, rest: str) -> None:
    for pair in shlex.split(rest):
        name, _, value = pair.partition("=")
        image.environ[name] = image.mapped(value).replace("$PATH", image.environ["PATH"])


def _run(image: Image, rest: str) -> None:
    if os.geteuid() != 0:
        rest = re.sub(r"--owner \S+", "", rest)
    image.run(rest)


def _user(image: Image, rest: str) -> None:
    image.user = rest


def _command(image: Image, rest: str) -> None:
    image.command = _list(rest)


def _health(image: Image, rest: str) -> None:
    image.health = _list(rest[rest.index("CMD ") + 4 :])


def _list(rest: str) -> list[str]:
    return [str(part) for part in json.loads(rest)]


def _nothing(_image: Image, _rest: str) -> None:
    """Pass over what only an engine acts on."""


STEPS = {
    "FROM": _from,
    "COPY": _copy,
    "WORKDIR": _workdir,
    "ENV": _env,
    "RUN": _run,
    "USER": _user,
    "CMD": _command,
    "HEALTHCHECK": _health,
    "EXPOSE": _nothing,
}


def _see_it_healthy(image: Image) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    image.run("storefront init")
    print(f"CMD {' '.join(image.command)}", flush=True)
    program = image.start([part.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for part in image.command])
    check = [part.replace(":8000", f":{port}") for part in image.health]
    deadline = time.monotonic() + HEALTHY_WITHIN_SECONDS
    try:
        while image.start(check, is_quiet=True).wait() != 0:
            if program.poll() is not None or time.monotonic() > deadline:
                sys.exit("Dockerfile: the program did not get healthy.")
            time.sleep(0.5)
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait(15)


if __name__ == "__main__":
    main()
