"""Setting up on machines that lack things: each lack is one clear line, and nothing is done twice."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The least that a set-up reads."""
    place = tmp_path / "checkout"
    for folder in ("tools", "frontend", "src/wuyou/surfaces/ui/static/ui/dist", "src/wuyou/locale"):
        (place / folder).mkdir(parents=True)
    for name in ("tools/bootstrap.sh", "tools/bootstrap.py"):
        shutil.copy(ROOT / name, place / name)
    for name in ("pyproject.toml", "uv.lock", "package.json", "package-lock.json", "tsconfig.json", "frontend/main.ts"):
        (place / name).write_text(name)
    return place


@pytest.fixture
def machine(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """An environment whose PATH has the usual small tools, Python, and the programs given as shell scripts."""

    def build(python: bool = True, **programs: str) -> dict[str, str]:
        folder = tmp_path / "bin"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in ("sh", "dirname", "cat", "mkdir", "touch", "chmod"):
            found = shutil.which(name)
            assert found
            (folder / name).symlink_to(found)
        if python:
            (folder / "python3").symlink_to(sys.executable)
        for name, script in programs.items():
            path = folder / name.replace("_", ".")
            path.unlink(missing_ok=True)
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        return {"PATH": str(folder), "HOME": str(tmp_path)}

    return build


UV = """case "$1" in
--version) echo "uv 0.99.0" ;;
*) echo "uv $*" >>calls; mkdir -p .venv/bin; touch .venv/bin/python; chmod +x .venv/bin/python ;;
esac"""
NODE = "echo v22.1.0"
NPM = 'case "$1" in --version) echo 11.0.0;; *) echo "npm $*" >>calls; mkdir -p node_modules;; esac'


def set_up(checkout: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up as make does."""
    command = ["/bin/sh", "tools/bootstrap.sh", *(arguments or ("setup",))]
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


def test_without_a_new_enough_python_one_line_says_so(checkout: Path, machine: Callable[..., dict[str, str]]) -> None:
    too_old = machine(python=False, python3="exit 1")

    refused = set_up(checkout, too_old)

    assert refused.returncode == 1
    assert refused.stderr.startswith("Wuyou needs Python 3.11 or newer")
    assert refused.stderr.count("\n") == 1


def test_without_venv_and_uv_one_line_says_what_to_install(
    checkout: Path, machine: Callable[..., dict[str, str]]
) -> None:
    (checkout / "no-ensurepip").mkdir()
    (checkout / "no-ensurepip" / "ensurepip.py").write_text(
        "raise ModuleNotFoundError('as on Debian without python3-venv')"
    )

    refused = set_up(checkout, machine(node=NODE, npm=NPM) | {"PYTHONPATH": str(checkout / "no-ensurepip")})

    assert refused.returncode == 1
    assert refused.stderr.startswith("Wuyou needs Python's venv module to install its tools: apt install python3.")
    assert refused.stderr.count("\n") == 1


def test_shim_for_an_absent_python_is_passed_over(checkout: Path, machine: Callable[..., dict[str, str]]) -> None:
    shims = machine(python3="echo 'pyenv: version not installed' >&2; exit 127", uv=UV, node=NODE, npm=NPM)
    (Path(shims["PATH"]) / "python3.11").symlink_to(sys.executable)

    assert set_up(checkout, shims).returncode == 0


def test_set_up_does_each_thing_once(checkout: Path, machine: Callable[..., dict[str, str]]) -> None:
    environment = machine(uv=UV, node=NODE, npm=NPM)

    first = set_up(checkout, environment)
    assert first.returncode == 0, first.stderr
    assert (checkout / "calls").read_text().splitlines() == [
        "uv sync --frozen",
        "npm ci --ignore-scripts --no-audit --no-fund",
        "npm run build",
    ]
    second = set_up(checkout, environment)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert len((checkout / "calls").read_text().splitlines()) == 3

    (checkout / "frontend/main.ts").write_text("changed")
    set_up(checkout, environment)
    assert (checkout / "calls").read_text().splitlines()[3:] == ["npm run build"]

    (checkout / "uv.lock").write_text("changed")
    set_up(checkout, environment)
    assert (checkout / "calls").read_text().splitlines()[4:] == ["uv sync --frozen"]


def test_failed_step_shows_the_end_of_its_log_and_is_tried_again(
    checkout: Path, machine: Callable[..., dict[str, str]]
) -> None:
    many = "i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo line $i; done; exit 7"
    failing = machine(uv=f'case "$1" in --version) echo "uv 0.99.0";; *) {many};; esac', node=NODE, npm=NPM)

    failed = set_up(checkout, failing)

    assert failed.returncode == 1
    assert "line 20\n" not in failed.stderr
    assert "line 21\n" in failed.stderr
    assert "line 60\n" in failed.stderr
    assert "ended with 7; all it said:" in failed.stderr
    assert len((checkout / "var/log/setup-python.log").read_text().splitlines()) == 60
    assert set_up(checkout, machine(uv=UV, node=NODE, npm=NPM)).returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of another user")
def test_environment_of_another_user_is_refused_in_one_line(
    checkout: Path, machine: Callable[..., dict[str, str]]
) -> None:
    (checkout / ".venv").mkdir()
    os.chown(checkout / ".venv", pwd.getpwnam("nobody").pw_uid, -1)

    refused = set_up(checkout, machine(uv=UV, node=NODE, npm=NPM))

    assert refused.returncode == 1
    assert "was made by nobody: run make as nobody, or remove it first." in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not (checkout / "calls").exists()


def test_environment_of_a_moved_checkout_is_made_anew(
    checkout: Path, machine: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    environment = machine(uv=UV, node=NODE, npm=NPM)
    set_up(checkout, environment)
    (checkout / ".venv/old").touch()

    moved = checkout.rename(tmp_path / "moved")
    assert set_up(moved, environment).returncode == 0

    assert not (moved / ".venv/old").exists()


def test_without_a_browser_the_lack_is_said_and_nothing_fails(
    checkout: Path, machine: Callable[..., dict[str, str]]
) -> None:
    found = set_up(checkout, machine(), "chromium")

    assert (found.returncode, found.stdout) == (0, "\n")
    assert "the journeys through a browser are reported as not run" in found.stderr


def test_browser_that_is_named_is_taken(checkout: Path, machine: Callable[..., dict[str, str]]) -> None:
    environment = machine(my_browser="exit 0")
    named = str(Path(environment["PATH"]) / "my.browser")

    assert set_up(checkout, environment | {"WUYOU_CHROMIUM": named}, "chromium").stdout == named + "\n"


def test_help_names_every_target() -> None:
    printed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    targets = {line.split()[1] for line in printed.splitlines()}
    assert targets == {"help", "run", "setup", "test", "check", "bench", "mutants", "domain", "clean", "reset"}
