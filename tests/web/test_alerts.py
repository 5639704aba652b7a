"""Unusual access: it is noticed from the events, told to those who should know, and can be dismissed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.institute import Institute
from tests.web.accesses import (
    asks_for_many,
    at_night,
    bearer,
    measure,
    only_alert,
    read,
    stolen,
    used_for_a_month,
)

from simplr.access.authentication import actor_again
from simplr.access.models import AccessToken
from simplr.access.tokens import NewToken, issue_access_token
from simplr.accounts.models import Notice, Person, Session
from simplr.analysis import services
from simplr.analysis.models import Alert, Baseline
from simplr.base.actors import ANONYMOUS, Actor
from simplr.base.events import Event as Code
from simplr.base.models import Event
from simplr.projects.services import create_project

As = Callable[[str], Client]


@pytest.fixture(autouse=True)
def nothing_before() -> Iterator[None]:
    """What making the institute told its people is not looked at here."""
    Notice.objects.all().delete()
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def token(institute: Institute) -> NewToken:
    return issue_access_token(
        name="nightly copy",
        scopes=["resource:read"],
        expires_at=timezone.now() + timedelta(days=30),
        actor=institute.actor("analyst"),
    )


# ── noticing ─────────────────────────────────────────────────────────────


def test_whoever_asks_for_many_things_is_noticed_and_the_reason_is_said(
    institute: Institute, as_: As
) -> None:
    used_for_a_month(institute, institute.analyst)
    asks_for_many(as_("analyst"))

    alert = only_alert()
    (line,) = as_("administrator").get("/api/v1/alerts").json()["items"]

    assert (alert.person, alert.token_id) == (institute.analyst, None)
    assert "asked for" in line["why"][0]
    assert "that are not there or not allowed" in line["why"][0]
    assert Event.objects.filter(code=Code.ALERT_RAISED.value).count() == 1


def test_a_stolen_token_is_noticed_by_hour_and_network(
    institute: Institute, token: NewToken
) -> None:
    alert = stolen(institute, token)

    assert alert.token_id == token.token.public_id
    assert {part["kind"] for part in alert.parts} >= {"network", "hour"}
    assert (alert.last_at - alert.at) == timedelta(minutes=7)  # the rest is part of it


def test_usual_reading_raises_nothing_and_nothing_is_read_twice(institute: Institute) -> None:
    used_for_a_month(institute, institute.analyst)
    read(institute, institute.analyst, at=timezone.now())

    assert services.watch_now(now=timezone.now()) == 1
    assert services.watch_now(now=timezone.now()) == 0
    assert Alert.objects.count() == 0


def test_the_network_is_kept_as_a_digest_and_never_as_an_address(
    institute: Institute, as_: As
) -> None:
    as_("analyst").get(f"/api/v1/datasets/{uuid4()}", REMOTE_ADDR="203.0.113.7")
    as_("analyst").get(f"/api/v1/datasets/{uuid4()}", REMOTE_ADDR="203.0.113.99")
    as_("analyst").get(f"/api/v1/datasets/{uuid4()}", REMOTE_ADDR="198.51.100.7")
    one, same, other = Event.objects.filter(code=Code.ENTRY_REFUSED.value).order_by("id")

    assert one.details["network"] == same.details["network"] != other.details["network"]
    assert "203" not in str(one.details)


# ── telling ──────────────────────────────────────────────────────────────


def test_administrators_owners_and_the_person_of_a_token_are_told(
    institute: Institute, token: NewToken, as_: As
) -> None:
    alert = stolen(institute, token)

    told = set(Notice.objects.filter(code="unusual").values_list("person__name", flat=True))
    page = as_("owner").get("/notices").content.decode()
    led = as_("owner").get(reverse("operations:notice", args=[_notice(institute.owner)]))

    assert told == {
        institute.owner.name,
        institute.administrator.name,
        institute.analyst.name,
    }
    assert f"Unusual access by {institute.analyst.name}" in page
    assert led["Location"] == reverse("analysis:alert", args=[alert.id])
    assert "A token of yours was used unusually" in as_("analyst").get("/notices").content.decode()


def test_owners_of_what_is_reached_later_are_told_then(
    institute: Institute, token: NewToken
) -> None:
    alert = stolen(institute, token)
    other = create_project(title="Parks", aims="", actor=institute.actor("colleague"))
    at = at_night() + timedelta(minutes=20)
    token_id = token.token.public_id
    read(institute, institute.analyst, at=at, token_id=token_id, project_id=other.pk)
    services.watch_now(now=timezone.now())

    assert Notice.objects.filter(code="unusual", person=institute.colleague).count() == 1
    assert Notice.objects.filter(code="unusual", person=institute.owner).count() == 1
    assert Alert.objects.get(pk=alert.pk).last_at == at


def _notice(person: Person) -> UUID:
    return Notice.objects.get(person=person, code="unusual").id


def test_an_alert_is_for_those_whose_things_were_reached(
    institute: Institute, token: NewToken, as_: As
) -> None:
    alert = stolen(institute, token)
    path = f"/api/v1/alerts/{alert.id}"

    seen = {
        role: as_(role).get(path).status_code
        for role in ("owner", "administrator", "auditor", "analyst", "viewer", "stranger")
    }

    assert seen == {
        "owner": 200,
        "administrator": 200,
        "auditor": 200,
        "analyst": 200,  # the token is his
        "viewer": 404,
        "stranger": 404,
    }
    assert as_("viewer").get("/api/v1/alerts").json()["items"] == []


def test_what_was_reached_is_counted_and_titles_only_those_may_see_who_know_them(
    institute: Institute, token: NewToken, as_: As
) -> None:
    path = f"/api/v1/alerts/{stolen(institute, token).id}"

    owner = as_("owner").get(path).json()["reached"]
    administrator = as_("administrator").get(path).json()["reached"]

    assert (owner["readings"], owner["things"], owner["hidden"]) == (8, 1, 0)
    assert [item["title"] for item in owner["items"]] == ["Sanitation complaints"]
    assert (administrator["readings"], administrator["hidden"], administrator["items"]) == (
        8,
        1,
        [],
    )


def test_the_pages_say_why_and_what_was_done(
    institute: Institute, token: NewToken, as_: As
) -> None:
    alert = stolen(institute, token)

    listed = as_("administrator").get(reverse("analysis:alerts")).content.decode()
    page = as_("owner").get(reverse("analysis:alert", args=[alert.id])).content.decode()

    for text in ("from a network never used before", "at 3:00 in the night", "nightly copy"):
        assert text in listed
        assert text in page
    assert "Nothing was stopped" in page
    assert "Sanitation complaints" in page
    assert "False alarm" in page


# ── what is done at once ─────────────────────────────────────────────────


def test_a_suspended_token_is_refused_and_the_refusal_is_noted(
    institute: Institute, token: NewToken
) -> None:
    with measure("suspend"):
        stolen(institute, token)
    answer = Client().get("/api/v1/me", **bearer(token))
    noted = Event.objects.filter(code=Code.ENTRY_REFUSED.value).order_by("-id")[0]

    assert (answer.status_code, answer.json()["code"]) == (403, "token-suspended")
    assert (noted.actor_id, noted.token_id) == (institute.analyst.pk, token.token.public_id)
    assert noted.details["reason"] == "token-suspended"
    assert Event.objects.filter(code=Code.TOKEN_SUSPENDED.value).count() == 1


def test_what_runs_by_a_token_ends_once_it_rests(institute: Institute, token: NewToken) -> None:
    running = Actor(
        kind="person",
        person_id=institute.analyst.pk,
        token_id=token.token.public_id,
        scopes=frozenset(["resource:read"]),
    )
    before = actor_again(running, now=timezone.now())
    with measure("suspend"):
        stolen(institute, token)

    assert before == running
    assert actor_again(running, now=timezone.now()) == ANONYMOUS


def test_what_a_suspended_token_asks_for_feeds_no_alert(
    institute: Institute, token: NewToken
) -> None:
    with measure("suspend"):
        stolen(institute, token)
    for _ in range(30):
        Client().get(f"/api/v1/datasets/{uuid4()}", **bearer(token))
    before = Baseline.objects.get(kind="token").state["today"]

    services.watch_now(now=timezone.now())

    assert Baseline.objects.get(kind="token").state["today"] == before


def test_who_must_step_up_is_signed_out_everywhere(institute: Institute, as_: As) -> None:
    used_for_a_month(institute, institute.analyst)
    client = as_("analyst")
    with measure("step-up"):
        asks_for_many(client)
        only_alert()

    assert client.get("/api/v1/me").status_code == 401
    assert not Session.objects.filter(person=institute.analyst).exists()


def test_who_is_slowed_down_gets_few_answers_a_minute(
    institute: Institute, token: NewToken, as_: As
) -> None:
    with measure("slow"):
        stolen(institute, token)
    answers = [Client().get("/api/v1/me", **bearer(token)).status_code for _ in range(25)]

    assert answers == [200] * 20 + [429] * 5
    assert as_("analyst").get("/api/v1/me").status_code == 200  # his browser is not


def test_a_browser_is_slowed_down_too(institute: Institute, as_: As) -> None:
    used_for_a_month(institute, institute.analyst)
    client = as_("analyst")
    with measure("slow"):
        asks_for_many(client)
        only_alert()
    answers = {client.get("/api/v1/me").status_code for _ in range(25)}

    assert answers == {200, 429}
    assert as_("viewer").get("/api/v1/me").status_code == 200


def test_by_default_people_are_told_and_nothing_is_stopped(
    institute: Institute, token: NewToken
) -> None:
    alert = stolen(institute, token)

    assert alert.measure == "notify"
    assert Client().get("/api/v1/me", **bearer(token)).status_code == 200


# ── what people say ──────────────────────────────────────────────────────


def decided(client: Client, alert: Alert, decision: str = "dismissed") -> Any:
    return client.post(
        f"/api/v1/alerts/{alert.id}/decision", {"decision": decision}, "application/json"
    )


def test_what_was_dismissed_is_no_alert_again(institute: Institute, as_: As) -> None:
    used_for_a_month(institute, institute.analyst)
    asks_for_many(as_("analyst"))
    alert = only_alert()

    answer = decided(as_("administrator"), alert)
    asks_for_many(as_("analyst"), 10)
    services.watch_now(now=timezone.now())

    assert (answer.status_code, answer.json()["state"]) == (200, "dismissed")
    assert Alert.objects.count() == 1
    assert Event.objects.filter(code=Code.ALERT_DISMISSED.value).count() == 1


def test_a_token_goes_on_once_its_alert_is_dismissed(
    institute: Institute, token: NewToken, as_: As
) -> None:
    with measure("suspend"):
        alert = stolen(institute, token)
    as_("administrator").post(
        reverse("analysis:decide", args=[alert.id]), {"decision": "dismissed"}
    )

    assert Client().get("/api/v1/me", **bearer(token)).status_code == 200
    assert Event.objects.filter(code=Code.TOKEN_RESUMED.value).count() == 1


def test_a_token_rests_on_once_its_alert_is_confirmed(
    institute: Institute, token: NewToken, as_: As
) -> None:
    with measure("suspend"):
        alert = stolen(institute, token)

    assert decided(as_("owner"), alert, "confirmed").json()["state"] == "confirmed"
    assert Client().get("/api/v1/me", **bearer(token)).status_code == 403
    assert AccessToken.objects.get(public_id=alert.token_id).suspended_at is not None


def test_nobody_decides_about_himself_nor_twice(
    institute: Institute, token: NewToken, as_: As
) -> None:
    alert = stolen(institute, token)

    answers = [
        (answer.status_code, answer.json()["code"])
        for role in ("analyst", "auditor", "viewer")
        for answer in [decided(as_(role), alert)]
    ]
    first, again = decided(as_("owner"), alert), decided(as_("owner"), alert)

    assert answers == [(403, "about-oneself"), (403, "refused"), (404, "not-found")]
    assert (first.status_code, again.status_code) == (200, 409)
    assert again.json()["code"] == "alert-decided"
