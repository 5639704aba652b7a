"""Notices: who is told of what, on home and by mail; read when looked at; no title nobody may know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from tests.institute import Institute

from simplr.access import services as access
from simplr.accounts import notice_services
from simplr.accounts.models import Notice, NoticeCode, Person
from simplr.analysis.models import Alert
from simplr.base.models import Event
from simplr.datasets.comment_services import add_comment
from simplr.operations import tasks
from simplr.resources import trash_services
from simplr_core.access import Action, Role

As = Callable[[str], Client]


@pytest.fixture(autouse=True)
def nothing_told_yet(institute: Institute) -> Iterator[None]:
    """Making the institute told its people of roles and of a grant; that is not looked at here."""
    Notice.objects.all().delete()
    cache.clear()
    yield
    cache.clear()


def text_of(response: Any) -> str:
    return str(response.content.decode())


def told(institute: Institute, role: str) -> list[str]:
    person = getattr(institute, role)
    return list(Notice.objects.filter(person=person).values_list("code", flat=True))


def comment(institute: Institute, role: str) -> None:
    add_comment(dataset_id=institute.dataset.pk, body="secret-words", actor=institute.actor(role))


# ── who is told ──────────────────────────────────────────────────────────


def test_the_owner_and_who_commented_before_are_told_of_a_comment(institute: Institute) -> None:
    comment(institute, "analyst")
    comment(institute, "viewer")

    assert told(institute, "steward") == ["commented"]  # owns it; told once while it is unread
    assert told(institute, "analyst") == ["commented"]
    assert told(institute, "viewer") == []
    assert told(institute, "owner") == []


def test_who_left_the_project_is_told_of_no_comment(institute: Institute) -> None:
    comment(institute, "analyst")
    access.take_role(
        project_id=institute.project.pk,
        person_id=institute.analyst.id,
        actor=institute.actor("owner"),
    )
    comment(institute, "viewer")

    assert "commented" not in told(institute, "analyst")


def test_a_grant_a_role_and_a_throwing_away_are_told(institute: Institute) -> None:
    access.give_grant(
        node_id=institute.dataset.pk,
        to=access.Grantee(person_id=institute.stranger.id),
        actions=[Action.READ],
        actor=institute.actor("owner"),
    )
    access.give_role(
        project_id=institute.project.pk,
        person_id=institute.colleague.id,
        role=Role.VIEWER,
        actor=institute.actor("owner"),
    )
    trash_services.put_in_trash(node_id=institute.file.pk, actor=institute.actor("owner"))
    trash_services.put_in_trash(node_id=institute.dataset.pk, actor=institute.actor("steward"))

    assert told(institute, "stranger") == ["granted"]
    assert told(institute, "colleague") == ["member"]
    assert told(institute, "steward") == ["trashed"]
    assert told(institute, "owner") == []


def test_nobody_is_told_who_is_shut_out(institute: Institute) -> None:
    Person.objects.filter(pk=institute.viewer.pk).update(is_active=False)

    count = notice_services.notify(
        code=NoticeCode.MEMBER,
        person_ids=[institute.viewer.id, institute.guest.id],
        node_id=institute.project.pk,
        by=None,
        now=timezone.now(),
    )

    assert count == 1


# ── where it is read ─────────────────────────────────────────────────────


def test_it_stands_on_home_counts_in_the_bell_and_is_read_when_opened(
    institute: Institute, as_: As
) -> None:
    comment(institute, "analyst")
    steward = as_("steward")

    home = text_of(steward.get("/"))
    (line,) = steward.get("/api/v1/notices?unread=true").json()["items"]
    page = text_of(steward.get(reverse("operations:notices")))
    cache.clear()
    uncounted = text_of(steward.get("/notices"))
    before = int(_bell(text_of(steward.get("/bell"))))
    counted = text_of(steward.get("/notices"))
    opened = steward.get(reverse("operations:notice", args=[line["id"]]))
    after = int(_bell(text_of(steward.get("/bell"))))

    assert "Jonah Weiss commented on Sanitation complaints" in home
    assert line["text"] == "Jonah Weiss commented on Sanitation complaints"
    assert "Mark all as read" in page
    assert opened["Location"] == reverse("datasets:comments", args=[institute.dataset.pk])
    assert 'hx-get="/bell"' in uncounted
    assert (int(_bell(counted)), "/bell" in counted) == (before, False)
    assert before - after == 1
    assert steward.get("/api/v1/notices?unread=true").json()["items"] == []
    assert steward.get("/api/v1/notices").json()["items"][0]["read"] is True


def _bell(page: str) -> str:
    return page.split("What waits for you: ")[1].split(" ")[0]


def test_all_are_marked_read_at_once_and_only_ones_own(institute: Institute, as_: As) -> None:
    comment(institute, "analyst")
    comment(institute, "viewer")
    theirs = Notice.objects.get(person=institute.analyst)

    assert as_("steward").post("/api/v1/notices/read", {}, "application/json").json() == {
        "read_count": 1
    }
    body = {"ids": [str(theirs.id)]}
    answer = as_("steward").post("/api/v1/notices/read", body, "application/json")
    assert answer.json() == {"read_count": 0}
    assert as_("steward").get(f"/notices/{theirs.id}").status_code == 404
    as_("analyst").post(reverse("operations:notices-read"))
    assert not Notice.objects.filter(read_at=None).exists()


def test_the_title_of_what_one_may_no_longer_know_is_not_told(
    institute: Institute, as_: As
) -> None:
    comment(institute, "analyst")
    trash_services.put_in_trash(node_id=institute.dataset.pk, actor=institute.actor("steward"))

    page = text_of(as_("steward").get(reverse("operations:notices")))

    assert "Sanitation complaints" not in page
    assert "something that you can no longer see" in page


@pytest.mark.parametrize("code", list(NoticeCode))
def test_every_notice_leads_somewhere(institute: Institute, as_: As, code: NoticeCode) -> None:
    alert = Alert.objects.create(
        person=institute.owner,
        **dict.fromkeys(("begins_at", "at", "raised_at", "last_at"), timezone.now()),
        score=4,
        parts=[],
        measure="notify",
    )
    alert.projects.create(project_id=institute.project.pk)
    node = {
        NoticeCode.UNUSUAL: alert.pk,
        NoticeCode.COMMENTED: institute.dataset.pk,
        NoticeCode.GRANTED: institute.release.pk,
        NoticeCode.INFECTED: institute.file.pk,
    }.get(code, institute.project.pk)
    notice_services.notify(
        code=code,
        person_ids=[institute.steward.id, institute.administrator.id],
        node_id=node,
        by=institute.owner.id,
        now=timezone.now(),
    )
    # Of an alert those are told who own what was reached, or run the installation.
    steward = as_("administrator" if code is NoticeCode.UNUSUAL else "steward")

    page = text_of(steward.get("/notices"))
    (line,) = steward.get("/api/v1/notices").json()["items"]
    led = steward.get(f"/notices/{line['id']}", follow=True)

    assert ("Mara Lindqvist" in page) == (code is not NoticeCode.INFECTED)  # nobody did that one
    assert led.status_code == 200


# ── by mail ──────────────────────────────────────────────────────────────


@pytest.fixture
def mailed() -> Iterator[list[Any]]:
    """Mail as Django would send it, with a server named in the settings."""
    from dataclasses import replace

    from django.conf import settings

    env = replace(settings.ENV, mail_url="smtp://mail.example:25")
    with override_settings(ENV=env, EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        yield mail.outbox


def test_no_mail_comes_unless_it_was_asked_for(institute: Institute, mailed: list[Any]) -> None:
    comment(institute, "analyst")

    assert tasks.send_digests(0) == 0
    assert tasks.send_digest(str(institute.steward.id)) is False
    assert mailed == []


def test_a_digest_counts_and_names_nothing(
    institute: Institute, as_: As, mailed: list[Any]
) -> None:
    steward = as_("steward")
    steward.post("/api/v1/notices/digest", {"wanted": True}, "application/json")
    comment(institute, "analyst")
    trash_services.put_in_trash(node_id=institute.file.pk, actor=institute.actor("owner"))

    assert tasks.send_digests(0) == 1
    sent = tasks.send_digest(str(institute.steward.id))
    again = tasks.send_digest(str(institute.steward.id))

    assert (sent, again) == (True, False)
    (message,) = mailed
    assert message.to == [institute.steward.email]
    assert message.subject == "2 things wait for you"
    assert "1 comment" in message.body
    assert "http://testserver/notices" in message.body
    for secret in (
        *("secret-words", "Sanitation", "Hauling", "Clean streets", "Jonah", "Mara"),
        *(str(institute.dataset.pk), "token", "password"),
    ):
        assert secret not in message.subject + message.body
    codes = set(Event.objects.values_list("code", flat=True))
    assert {"accounts:digest:chosen", "accounts:digest:sent"} <= codes


def test_nothing_unread_is_no_mail(institute: Institute, mailed: list[Any]) -> None:
    notice_services.choose_digest(
        person_id=institute.guest.id, wanted=True, actor=institute.actor("guest")
    )
    assert tasks.send_digest(str(institute.guest.id)) is False
    assert mailed == []


def test_without_a_mail_server_nothing_is_queued_and_the_page_says_so(
    institute: Institute, as_: As
) -> None:
    page = as_("guest").post(reverse("operations:digest"), {"wanted": "yes"}, follow=True)

    assert "no mail server yet" in text_of(page)
    assert "Send me no mail" in text_of(page)
    assert tasks.send_digests(0) == 0
