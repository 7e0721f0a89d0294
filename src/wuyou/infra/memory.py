"""What a process that lives long does with its memory once it is loaded."""

from __future__ import annotations

import gc


def keep_what_is_loaded() -> None:
    """Let the collector leave alone what is there by now, and look less often at what comes.

    What is loaded stays for as long as the process, so there is no use in walking over it again and again; a page or a
    batch of events makes some ten thousand objects that die with it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
