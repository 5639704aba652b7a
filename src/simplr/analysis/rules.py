"""Who may decide about an alert."""

from __future__ import annotations

from simplr.analysis.models import Alert, AlertState
from simplr.base.actors import Actor
from simplr_core.errors import Conflict, Refused


class AlertDecided(Conflict):
    """Somebody decided about this alert already."""

    code = "alert-decided"


class AboutOneself(Refused):
    """This alert is about you. Somebody else decides about it."""

    code = "about-oneself"


def check_may_decide(alert: Alert, *, actor: Actor, manages_all: bool) -> None:
    """An administrator, or whoever manages all that was reached; never the person it is about.

    Raises AboutOneself, Refused or AlertDecided.
    """
    if actor.person_id == alert.person_id:
        raise AboutOneself
    if not actor.administrator and not manages_all:
        raise Refused("An administrator decides: it reached more than what you manage.")
    if alert.state != AlertState.OPEN:
        raise AlertDecided
