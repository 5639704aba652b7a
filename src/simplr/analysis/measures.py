"""What is done about unusual access at once, by the policy of the installation, and who is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from simplr.access import tokens
from simplr.access.models import RoleAssignment
from simplr.accounts import services as accounts
from simplr.accounts.models import NoticeCode, Person
from simplr.accounts.notice_services import notify
from simplr.analysis.models import Alert, Measure
from simplr.base.actors import SYSTEM, Actor
from simplr_core.access import Role

SLOWED_FOR = timedelta(hours=24)


def take(alert: Alert, *, now: datetime) -> None:
    """Do what the policy says.

    A browser cannot be suspended and a token cannot sign in again: under `suspend` browsers must
    sign in again, under `step-up` a token rests.
    """
    measure = Measure(alert.measure)
    if measure is Measure.SLOW:
        _slow(alert, now + SLOWED_FOR)
    elif measure in {Measure.STEP_UP, Measure.SUSPEND}:
        if alert.token_id is None:
            accounts.end_all_sessions(person_id=alert.person_id, actor=SYSTEM)
        else:
            tokens.suspend_access_token(token_id=alert.token_id, actor=SYSTEM, now=now)


def undo(alert: Alert, *, actor: Actor) -> None:
    """It was a false alarm: a token goes on, and nobody is slowed any more."""
    _slow(alert, None)
    if alert.token_id is not None:
        tokens.resume_access_token(token_id=alert.token_id, actor=actor)


def _slow(alert: Alert, until: datetime | None) -> None:
    if alert.token_id is None:
        accounts.slow_person(person_id=alert.person_id, until=until)
    else:
        tokens.slow_access_token(token_id=alert.token_id, until=until)


def tell(alert: Alert, *, now: datetime) -> None:
    """Tell administrators and the owners of what was reached; of a token also who has it."""
    projects = set(alert.projects.values_list("project_id", flat=True))
    _notify(alert, administrators() | owners_of(projects), by=alert.person_id, now=now)
    if alert.token_id is not None:
        _notify(alert, {alert.person_id}, by=None, now=now)


def tell_owners(alert: Alert, *, project_ids: set[UUID], now: datetime) -> None:
    """Tell the owners of projects that were reached since the others were told."""
    _notify(alert, owners_of(project_ids), by=alert.person_id, now=now)


def _notify(alert: Alert, person_ids: set[UUID], *, by: UUID | None, now: datetime) -> None:
    notify(code=NoticeCode.UNUSUAL, person_ids=person_ids, node_id=alert.id, by=by, now=now)


def administrators() -> set[UUID]:
    """Whoever runs the installation."""
    found = Person.objects.filter(is_administrator=True, is_active=True)
    return set(found.values_list("id", flat=True))


def owners_of(project_ids: set[UUID]) -> set[UUID]:
    """The owners of some projects."""
    found = RoleAssignment.objects.filter(node_id__in=project_ids, role=Role.OWNER.value)
    return set(found.values_list("person_id", flat=True))
