"""Whether this process answers people, and so keeps an index of who has what (`neighbours`).

Apart from the index, because a web server that starts should not wait for NumPy: the first search does.
"""

from __future__ import annotations

import threading

is_serving = threading.Event()


def serve() -> None:
    """This process answers people: at first need it keeps the index. Called where the web server loads the platform."""
    is_serving.set()
