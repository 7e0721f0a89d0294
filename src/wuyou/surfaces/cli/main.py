"""`wuyou`: one command with a group for each thing it looks after.

Commands that need Django are imported when they are called, so that `wuyou --help` and the supervisor stay quick.
"""

from __future__ import annotations

import importlib
import os

import click

# Linear algebra takes one core: a server has a thread for each request that it answers, and learning, which runs beside
# them, is not to take all cores from who waits for a page. Read when numpy is loaded; what is started inherits it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251

_COMMANDS = {
    "run": ("wuyou.surfaces.cli.run", "run", False),
    "web": ("wuyou.surfaces.cli.run", "web", False),
    "stream": ("wuyou.surfaces.cli.run", "stream", False),
    "beacon": ("wuyou.surfaces.cli.run", "beacon", False),
    "worker": ("wuyou.surfaces.cli.run", "worker", False),
    "prepare": ("wuyou.surfaces.cli.run", "prepare", False),
    "postgres": ("wuyou.surfaces.cli.postgres", "postgres", False),
    "ledger": ("wuyou.surfaces.cli.ledger", "ledger", True),
    "alliance": ("wuyou.surfaces.cli.proofs", "alliance", True),
    "payments": ("wuyou.surfaces.cli.proofs", "payments", True),
    "promotions": ("wuyou.surfaces.cli.proofs", "promotions", True),
    "awards": ("wuyou.surfaces.cli.proofs", "awards", True),
    "statement": ("wuyou.surfaces.cli.statement", "statement", False),
    "replay": ("wuyou.surfaces.cli.replay", "replay", True),
    "demo": ("wuyou.surfaces.cli.demo", "demo", True),
    "import": ("wuyou.surfaces.cli.marks", "importing_group", True),
    "lake": ("wuyou.surfaces.cli.lake", "lake", True),
    "report": ("wuyou.surfaces.cli.report", "report", True),
    "people": ("wuyou.surfaces.cli.people", "people", True),
    "django": ("wuyou.surfaces.cli.main", "django_command", True),
}
"""Command → (module, name there, whether it needs Django)."""


def set_up_django() -> None:
    """For commands of which only some need it; otherwise the table above says so."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wuyou.config.settings")  # noqa: TID251
    import django

    django.setup()


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name, needs_django = _COMMANDS[cmd_name]
        if needs_django:
            set_up_django()
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=_LazyGroup)
@click.version_option(package_name="wuyou")
def main() -> None:
    """Wuyou 物友: a self-hosted social-commerce platform."""


@click.command("django", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def django_command(arguments: tuple[str, ...]) -> None:
    """Any management command of Django, for developers."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["wuyou django", *arguments])
