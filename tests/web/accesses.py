"""Access for tests of alerts: a month of usual days, and what is not usual."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone
from tests.institute import Institute

from simplr.access.tokens import NewToken
from simplr.accounts.models import Person
from simplr.analysis import services
from simplr.analysis.models import Alert
from simplr.base.events import Event as Code
from simplr.base.models import Event

OFFICE, ELSEWHERE = "a" * 16, "b" * 16


def measure(name: str = "notify", *, method: str = "robust") -> Any:
    env = replace(settings.ENV, unusual_access=name, unusual_method=method)
    return override_settings(ENV=env)


def at_night(hour: int = 3) -> datetime:
    """The last time that it was so late."""
    now = timezone.localtime()
    found = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return found if found < now else found - timedelta(days=1)


def read(
    institute: Institute, person: Person, *, at: datetime, network: str = OFFICE, **what: Any
) -> None:
    """One reading, as the ledger notes it."""
    usual: dict[str, Any] = {
        "code": Code.SAMPLE_READ.value,
        "outcome": "ok",
        "node_id": institute.dataset.pk,
        "project_id": institute.project.pk,
    }
    Event.objects.create(
        at=at,
        actor_kind="person",
        actor_id=person.pk,
        details={"rows": 50, "network": network},
        **{**usual, **what},
    )


def used_for_a_month(institute: Institute, person: Person, token_id: UUID | None = None) -> None:
    """Thirty days of some readings at ten in the morning, and the installation knows it."""
    for day in range(1, 31):
        at = timezone.localtime().replace(hour=10) - timedelta(days=day)
        for minute in range(4):
            read(institute, person, at=at + timedelta(minutes=minute), token_id=token_id)
    services.watch_now(now=timezone.now())
    assert Alert.objects.count() == 0


def asks_for_many(client: Client, count: int = 40, **headers: Any) -> None:
    for _ in range(count):
        assert client.get(f"/api/v1/datasets/{uuid4()}", **headers).status_code == 404


def only_alert() -> Alert:
    services.watch_now(now=timezone.now())
    return Alert.objects.select_related("person").get()


def bearer(token: NewToken) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {token.secret}"}


def stolen(institute: Institute, token: NewToken) -> Alert:
    """A token that was used by day from one network is used at night from another."""
    token_id = token.token.public_id
    used_for_a_month(institute, institute.analyst, token_id)
    for minute in range(8):
        read(
            institute,
            institute.analyst,
            at=at_night() + timedelta(minutes=minute),
            network=ELSEWHERE,
            token_id=token_id,
        )
    return only_alert()
