"""The two offices of the installation: who may run it, and who may read its ledger."""

from __future__ import annotations

from datetime import datetime

from simplr_core.access.facts import ActorFacts, ActorKind, Reason
from simplr_core.access.scopes import ThingKind
from simplr_core.access.verdict import Verdict, Via
from simplr_core.access.words import Action


def decide_office(
    *, office: Via, action: Action, actor: ActorFacts, thing: ThingKind, now: datetime
) -> Verdict:
    """May this actor act as administrator or auditor on a thing that is no node?

    An administrator runs the installation: people, organisations, licences, its settings. An
    auditor reads the ledger. Neither office opens a node; `decide` says what of it they may know.
    """
    if actor.kind is not ActorKind.PERSON or not (actor.active and actor.licensed):
        return _no("inactive")
    holds = actor.administrator if office is Via.ADMINISTRATOR else actor.auditor
    if office not in (Via.ADMINISTRATOR, Via.AUDITOR) or not holds:
        return _no("office-missing")
    if office is Via.AUDITOR and action not in (Action.DISCOVER, Action.DESCRIBE, Action.READ):
        return _no("office-missing")
    token = actor.token
    if token is not None:
        if not token.is_live(now):
            return _no("token-ended")
        if not any(scope.covers_thing(action, kind=thing, thing_id=None) for scope in token.scopes):
            return _no("scope-missing")
    return Verdict(
        allowed=True, known=True, code="allowed", sentence=Reason(office.value), via=office
    )


def _no(code: str) -> Verdict:
    return Verdict(allowed=False, known=True, code=code, sentence=Reason(code))
