"""`python -m tools.world slice|large`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tools.world.large import Sizes, write_large
from tools.world.records import SHIPPED, DataError, compare_slice, write_slice

DATA = Path("../shared/data")


def main(arguments: list[str] | None = None) -> int:
    """Parse, do, and say what was done; 1 with a sentence where the data is not there or not as expected."""
    parser = argparse.ArgumentParser(prog="python -m tools.world", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    cut = commands.add_parser("slice", help="the real group buys that ship with the demo world")
    cut.add_argument("--to", type=Path, help="write them there; without it, compare them with what ships")
    large = commands.add_parser("large", help="more shops, people, books, reviews and posts: not to be published")
    large.add_argument("--to", type=Path, required=True, help="a folder that is not there yet, or empty")
    large.add_argument("--people", type=int, default=Sizes.people)
    large.add_argument("--groupbuys", type=int, default=Sizes.groupbuys)
    for command in (cut, large):
        command.add_argument("--data", type=Path, default=DATA, help=f"where the data sets lie ({DATA})")
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    try:
        if chosen.command == "large":
            counts = write_large(chosen.data, chosen.to, Sizes(chosen.people, chosen.groupbuys))
            print(f"{chosen.to}: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
            print(f"Load it into an empty database: wuyou demo load --world {chosen.to}")
        elif chosen.to:
            print(f"{write_slice(chosen.data, chosen.to)} group buys in {chosen.to}")
        else:
            print(f"{compare_slice(chosen.data)} group buys, the same as in {SHIPPED.name}")
    except DataError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"{time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
