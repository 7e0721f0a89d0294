"""Lay a new domain the right way: `make domain NAME=reviews`.

Makes the package with its public and private files, its app, its tests and its page in the docs, and says which lines
to add to the ladder and the settings: the rung is a decision that a person takes.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

FILES = {
    "__init__.py": '"""{title}: what it is for, in one sentence.\n\nNouns: the nouns it owns.\n'
    'Invariants: what is always true.\nNever: what it leaves to others.\n"""\n',
    "apps.py": '"""Django\'s registration of this domain\'s tables."""\n\nfrom django.apps import AppConfig\n\n\n'
    'class {title}Config(AppConfig):\n    name = "wuyou.domains.{name}"\n    label = "{name}"\n',
    "types.py": '"""What others see of {name}: enums and frozen dataclasses."""\n',
    "errors.py": '"""What {name} refuses."""\n',
    "events.py": '"""What {name} tells."""\n',
    "rules.py": '"""Pure decisions: values in, values out."""\n',
    "models.py": '"""Rows of {name}: columns, constraints, indexes; no verbs."""\n',
    "policies.py": '"""Who may do what."""\n',
    "queries.py": '"""Every read of {name}."""\n',
    "operations.py": '"""Every write of {name}."""\n',
    "handlers.py": '"""What {name} does when others speak."""\n',
    "tasks.py": '"""What time does to {name}. Entry points."""\n',
    "migrations/__init__.py": "",
}


def main(name: str) -> int:
    if not re.fullmatch(r"[a-z][a-z]{2,30}", name):
        print("A domain is one lower-case word, such as `reviews`.")
        return 2
    package = ROOT / "src/wuyou/domains" / name
    if package.exists():
        print(f"{package.relative_to(ROOT)} is there already.")
        return 1
    title = name.capitalize()
    for file, text in FILES.items():
        path = package / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(name=name, title=title))
    tests = ROOT / "tests/domains" / name
    tests.mkdir(parents=True, exist_ok=True)
    (tests / "__init__.py").touch()
    (ROOT / f"docs/domains/{name}.md").write_text(f"# {title}\n")
    print(
        f"Laid {package.relative_to(ROOT)}, tests/domains/{name} and docs/domains/{name}.md. Now decide its rung:\n"
        f'  pyproject.toml        add "{name}" to the layers of "domains", its line to "models-stay-home"\n'
        f'  config/settings.py    add "wuyou.domains.{name}" to INSTALLED_APPS\n'
        f"  GLOSSARY.md           its nouns, zh and en\n"
        f"  config/wiring.py      its handlers, if it has any\n"
        f"Delete the files that it does not need; `make check` tells when something points the wrong way."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
