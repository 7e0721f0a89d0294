#!/bin/sh
# Finds a Python that is new enough and hands over to bootstrap.py; needs nothing but a shell.
cd "$(dirname "$0")/.." || exit 1
for candidate in "$PYTHON" python3 python3.14 python3.13 python3.12 python3.11 python; do
    # Run it rather than look for it: a pyenv shim is found on PATH for versions that are not there.
    [ -n "$candidate" ] &&
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 &&
        exec "$candidate" tools/bootstrap.py "$@"
done
echo "Wuyou needs Python 3.11 or newer: install it (Debian: apt install python3 python3-venv), or name one with PYTHON=/path/to/python." >&2
exit 1
