"""What is learned of usual access, and what is forgotten; a restore; the other method."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from tests.institute import Institute
from tests.web.accesses import measure, only_alert, read, used_for_a_month

from simplr.analysis import reading, services
from simplr.analysis.models import Alert, Baseline, Position
from simplr.analysis.tasks import forget_baselines
from simplr.base.events import Event as Code
from simplr_core.anomaly import House


def test_what_happened_long_ago_is_learned_and_raises_no_alert(institute: Institute) -> None:
    ago = timezone.now() - timedelta(days=20)
    for number in range(400):
        read(
            institute,
            institute.viewer,
            at=ago + timedelta(seconds=number),
            node_id=uuid4(),
            outcome="refused",
            code=Code.ENTRY_REFUSED.value,
        )
    services.watch_now(now=timezone.now())

    assert Alert.objects.count() == 0
    assert Baseline.objects.get(subject_id=institute.viewer.pk).state["today"]["reads"] == 400


def test_what_was_usual_half_a_year_ago_is_forgotten(institute: Institute) -> None:
    used_for_a_month(institute, institute.analyst)
    used_for_a_month(institute, institute.viewer)
    ago = timezone.now() - timedelta(days=200)
    Baseline.objects.filter(person=institute.viewer).update(at=ago)

    assert forget_baselines(0) == 1
    assert Baseline.objects.get().person == institute.analyst


def test_by_the_other_method_alerts_are_raised_too(institute: Institute) -> None:
    """Its forest grows from the days of the house; here from days on which nothing was strange."""
    used_for_a_month(institute, institute.analyst)
    position = Position.objects.get()
    house = House.from_json(position.house)
    for number in range(2_500):
        house.take_strangest(tuple((number * step % 97) / 97 for step in range(1, 9)))
    Position.objects.update(house=house.to_json())
    refused = {"outcome": "refused", "code": Code.ENTRY_REFUSED.value}
    for _ in range(60):
        read(institute, institute.analyst, at=timezone.now(), node_id=uuid4(), **refused)

    with measure(method="forest"):
        alert = only_alert()

    assert alert.score == 3.7  # stranger than any of 2,500 days: it cannot say how much


def test_past_the_bound_of_what_is_remembered_nothing_is_read_twice(
    institute: Institute, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_SEEN", 3)
    services.watch_now(now=timezone.now())
    for _ in range(9):
        read(institute, institute.analyst, at=timezone.now())

    assert services.watch_now(now=timezone.now()) == 9
    assert services.watch_now(now=timezone.now()) == 0
    # Somebody whose transaction began before all that was read runs on.
    edge = reading.horizon()
    older = reading.Horizon(Position.objects.get().below_transaction - 5, edge.next, edge.cluster)
    monkeypatch.setattr(reading, "horizon", lambda: older)
    assert services.watch_now(now=timezone.now()) == 0


def test_after_a_restore_it_goes_on(institute: Institute) -> None:
    """Transactions are counted anew in another cluster."""
    services.watch_now(now=timezone.now())
    Position.objects.update(cluster="another", below_transaction=2**60)
    services.watch_now(now=timezone.now())
    read(institute, institute.analyst, at=timezone.now())

    assert services.watch_now(now=timezone.now()) == 1
