"""Taking the root key from a person's hands: throttled, with one answer for every wrong one.

The key goes to the key agent and nowhere else: not into a log, an event or an error.
"""

from __future__ import annotations

from django.db import transaction

from simplr.base import events
from simplr.base.actors import Actor
from simplr.vault import keys, services
from simplr.vault.agent.messages import WrongRootKey


def try_root_key(*, written_key: str, actor: Actor) -> None:
    """Open the store with the root key as it is written down; both outcomes are events.

    Raises WrongRootKey or TooManyTries (the agent counts, across all processes). A key that is
    no key at all is answered like a wrong one, and so is any key while the store is open.
    """
    try:
        services.unseal(written_key)
    except WrongRootKey:
        _record(events.Event.STORE_UNSEAL_REFUSED, actor, "refused")
        raise
    keys.forget()
    _record(events.Event.STORE_UNSEALED, actor, "ok")


def _record(code: events.Event, actor: Actor, outcome: str) -> None:
    with transaction.atomic():
        events.record(code=code, actor=actor, outcome=outcome)
