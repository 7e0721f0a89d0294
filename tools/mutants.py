"""Changes the code that decides who may see what, a spot at a time, and counts the changes that its tests notice.

`python tools/mutants.py` prints every change that passed unnoticed and the score, and fails below 95 %. What is
changed and which quick tests look first is in pyproject.toml, under `tool.mutmut`; what these let pass meets the
worlds of the property test.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from wuyou.infra.embedded_postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parent.parent
LEAST = 0.95
QUICK = ("tests/kernel/test_sight.py", "tests/infra/test_sight.py")
THOROUGH = ("tests/properties/test_sight.py",)
_MUTMUT = (sys.executable, "-m", "mutmut")
_RESULT = re.compile(r"^\s*(\S+): (\w[\w ]*)$", re.MULTILINE)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="wuyou-mutants-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        server = EmbeddedPostgres(Path(home) / "postgres", durable=False)
        # One database, migrated once, for the hundreds of runs.
        os.environ["DATABASE_URL"] = server.start(die_with_parent=True)
        try:
            subprocess.run([*_MUTMUT, "run", "--max-children", "1"], cwd=ROOT, check=True)
            results = dict(_RESULT.findall(_output("results", "--all", "true")))
            # A change that took too long may only have met a busy machine: it is looked at again.
            missed = [name for name, result in results.items() if result not in ("killed", "caught by type check")]
            alive = [name for name in missed if not any(_is_noticed(name, tests) for tests in (QUICK, THOROUGH))]
        finally:
            server.destroy()
    for name in alive:
        print(_output("show", name))
    killed, total = len(results) - len(alive), len(results)
    print(json.dumps({"killed": killed, "total": total, "score": round(killed / total, 3)}))
    return 0 if killed >= LEAST * total else 1


def _output(*command: str) -> str:
    return subprocess.run([*_MUTMUT, *command], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _is_noticed(mutant: str, tests: tuple[str, ...]) -> bool:
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-p", "no:xdist", "--reuse-db", *tests],
        cwd=ROOT / "mutants",
        # What is installed is the code as it stands; the changed one lies beside.
        env={**os.environ, "MUTANT_UNDER_TEST": mutant, "PYTHONPATH": str(ROOT / "mutants" / "src")},
        check=False,
        capture_output=True,
    )
    return tested.returncode == 1


if __name__ == "__main__":
    sys.exit(main())
