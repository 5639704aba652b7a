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
    notify(
        code=NoticeCode.UNUSUAL,
        person_ids=administrators() | owners_of(alert),
        node_id=alert.id,
        by=alert.person_id,
        now=now,
    )
    if alert.token_id is not None:
        notify(
            code=NoticeCode.UNUSUAL,
            person_ids=[alert.person_id],
            node_id=alert.id,
            by=None,
            now=now,
        )


def administrators() -> set[UUID]:
    """Whoever runs the installation."""
    found = Person.objects.filter(is_administrator=True, is_active=True)
    return set(found.values_list("id", flat=True))


def owners_of(alert: Alert) -> set[UUID]:
    """The owners of the projects of which something was reached."""
    projects = alert.projects.values("project_id")
    found = RoleAssignment.objects.filter(node_id__in=projects, role=Role.OWNER.value)
    return set(found.values_list("person_id", flat=True))
