"""When a process of the server looks for garbage: neither while it loads, nor when it ends.

Loading the application makes a million objects that stay. Python looks through all of them a dozen
times while they are made, and five times when the process ends: two seconds of processor for each
`simplr down`, and a fifth of each start.
"""

from __future__ import annotations

import atexit
import gc

MADE_SINCE = 10_000
"""New objects after which Python looks among them. By itself it does after 700: several times a page."""


def none_while_loading() -> None:
    """Do not look until `loaded` is called, and not when the process ends."""
    gc.disable()
    # What is frozen is looked at no more. Destructors run all the same, of all that is let go.
    atexit.register(gc.freeze)


def loaded() -> None:
    """What is here stays: look among what is made from now on. Forks share the pages of the rest."""
    gc.freeze()
    gc.set_threshold(MADE_SINCE, 20, 20)
    gc.enable()
