"""House rules that no linter knows: complete translations, fresh references, no migration owed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
RULES = {
    "translations are complete": [sys.executable, "tools/messages.py", "check"],
    "references are fresh": [sys.executable, "tools/reference.py", "--check"],
    "no migration is owed": [str(BIN / "wuyou"), "django", "makemigrations", "--check", "--dry-run", "--skip-checks"],
}


def main() -> int:
    failed = 0
    for rule, command in RULES.items():
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        print(f"{'broken' if done.returncode else 'kept  '} {rule}")
        if done.returncode:
            print((done.stdout + done.stderr).strip())
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
