"""Asking for access: from the question to the grant, and what nobody may do on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.institute import Institute

from simplr.access import asking
from simplr.access.models import AccessRequest, Grant
from simplr.access.permissions import decide
from simplr.access.services import Grantee, give_grant, give_role
from simplr.base.models import Event
from simplr.sharing import erasing
from simplr_core.access import LAPSES_AFTER, REMINDED_AFTER, Action, Role

As = Callable[[str], Client]
PURPOSE = "How long do complaints of overflowing carts wait, ward by ward? Zanthoxylum study."


def sent(client: Client, method: str, address: str, body: Any = None, **more: Any) -> Any:
    return client.generic(
        method, address, json.dumps(body or {}), content_type="application/json", **more
    )


def ask(client: Client, institute: Institute, **more: Any) -> Any:
    address = f"/api/v1/resources/{institute.dataset.pk}/requests"
    return sent(client, "POST", address, {"purpose": PURPOSE, **more})


def answer(client: Client, request_id: str, **body: Any) -> Any:
    return sent(client, "POST", f"/api/v1/requests/{request_id}/answer", body)


def waiting(client: Client) -> list[Any]:
    found: list[Any] = client.get("/api/v1/requests?which=to-answer").json()["items"]
    return found


def test_what_was_asked_for_is_granted_in_part_and_opens_just_that(
    institute: Institute, as_: As
) -> None:
    guest, steward = as_("guest"), as_("steward")
    until = timezone.now() + timedelta(days=30)

    made = ask(guest, institute, actions=["download"], until=until.isoformat())
    seen = waiting(steward)
    answered = answer(
        steward, made.json()["id"], grant=True, release=str(institute.release.pk), actions=["read"]
    )

    assert made.status_code == 201, made.content
    assert [(one["id"], one["purpose"]) for one in seen] == [(made.json()["id"], PURPOSE)]
    assert seen[0]["person_name"] == institute.guest.name
    assert answered.status_code == 200, answered.content
    assert answered.json()["state"] == "granted"
    grant = Grant.objects.get(pk=answered.json()["grant"])
    assert grant.person_id == institute.guest.id
    assert grant.release_id == institute.release.pk
    assert grant.until == until
    assert "download" not in grant.actions
    rows = f"/api/v1/datasets/{institute.dataset.pk}"
    release = f"release={institute.release.pk}"
    assert guest.get(f"{rows}/sample?{release}").status_code == 200
    assert guest.get(f"{rows}/rows?format=csv&{release}").status_code == 403
    assert waiting(steward) == []


def test_more_than_was_asked_for_is_not_given(institute: Institute, as_: As) -> None:
    until = timezone.now() + timedelta(days=2)
    made = ask(as_("guest"), institute, actions=["read"], until=until.isoformat()).json()
    steward, release = as_("steward"), str(institute.release.pk)
    later = (until + timedelta(days=1)).isoformat()

    wider = answer(steward, made["id"], grant=True, release=release, actions=["download"])
    longer = answer(steward, made["id"], grant=True, release=release, until=later)

    assert (wider.status_code, longer.status_code) == (422, 422)
    assert AccessRequest.objects.get(pk=made["id"]).state == "waiting"
    assert not Grant.objects.filter(person=institute.guest).exists()


def test_a_request_is_answered_once(institute: Institute, as_: As) -> None:
    made = ask(as_("guest"), institute).json()
    steward = as_("steward")

    declined = answer(steward, made["id"], grant=False, reason="It is being corrected.")
    again = answer(steward, made["id"], grant=True, release=str(institute.release.pk))
    withdrawn = as_("guest").delete(f"/api/v1/requests/{made['id']}")

    assert declined.json()["state"] == "declined"
    assert (again.status_code, again.json()["code"]) == (409, "request-ended")
    assert withdrawn.status_code == 409
    shown = as_("guest").get(f"/api/v1/requests/{made['id']}").json()
    assert (shown["reason"], shown["answered_by"]) == (
        "It is being corrected.",
        institute.steward.name,
    )
    assert not Grant.objects.filter(person=institute.guest).exists()


def test_declining_takes_a_reason(institute: Institute, as_: As) -> None:
    made = ask(as_("guest"), institute).json()

    assert answer(as_("steward"), made["id"], grant=False, reason=" ").status_code == 422


def test_nobody_answers_himself_and_who_does_not_decide_answers_nobody(
    institute: Institute, as_: As
) -> None:
    made = ask(as_("guest"), institute).json()
    release = str(institute.release.pk)

    said = {
        who: answer(as_(who), made["id"], grant=True, release=release).status_code
        for who in ("guest", "viewer", "analyst", "colleague", "stranger", "administrator")
    }

    assert said.pop("guest") == 403
    assert set(said.values()) == {404}
    assert not Grant.objects.filter(person=institute.guest).exists()


def test_nobody_answers_himself_when_he_came_to_decide_meanwhile(
    institute: Institute, as_: As
) -> None:
    made = ask(as_("guest"), institute).json()
    give_role(
        project_id=institute.project.pk,
        person_id=institute.guest.id,
        role=Role.STEWARD,
        actor=institute.actor("owner"),
    )

    said = answer(as_("guest"), made["id"], grant=False, reason="Not needed.")
    page = as_("guest").post(
        reverse("sharing:request", args=[made["id"]]), {"say": "decline", "text": "No."}
    )

    assert (said.status_code, said.json()["code"]) == (403, "own-request")
    assert page.status_code == 403
    assert AccessRequest.objects.get().state == "waiting"


def test_others_learn_nothing_of_a_request(institute: Institute, as_: As) -> None:
    made = ask(as_("guest"), institute).json()

    for who in ("viewer", "analyst", "colleague", "stranger", "administrator", "auditor"):
        client = as_(who)
        assert client.get(f"/api/v1/requests/{made['id']}").status_code == 404, who
        assert client.delete(f"/api/v1/requests/{made['id']}").status_code == 404, who
        assert waiting(client) == [], who
        assert PURPOSE not in client.get(reverse("sharing:requests")).content.decode()
        page = client.get(reverse("sharing:request", args=[made["id"]]))
        assert page.status_code == 404, who


def test_who_may_not_know_of_a_thing_cannot_ask_for_it(institute: Institute, as_: As) -> None:
    assert ask(as_("stranger"), institute).status_code == 404
    assert ask(Client(), institute).status_code == 401
    assert ask(as_("auditor"), institute).status_code == 403


def test_what_one_has_already_is_not_asked_for(institute: Institute, as_: As) -> None:
    had = ask(as_("analyst"), institute)
    twice = [ask(as_("guest"), institute).status_code for _ in range(2)]

    assert (had.status_code, had.json()["code"]) == (409, "already-yours")
    assert twice == [201, 409]


@pytest.mark.parametrize(
    "body",
    [
        {"purpose": "   "},
        {"purpose": "x" * 2001},
        {"purpose": "p", "actions": []},
        {"purpose": "p", "actions": ["manage"]},
        {"purpose": "p", "until": "2020-01-01T00:00:00Z"},
    ],
)
def test_a_bad_request_says_what_is_wrong(
    institute: Institute, as_: As, body: dict[str, Any]
) -> None:
    said = sent(as_("guest"), "POST", f"/api/v1/resources/{institute.dataset.pk}/requests", body)

    assert said.status_code == 422
    assert AccessRequest.objects.count() == 0


def test_a_recipient_of_a_release_asks_for_the_whole(institute: Institute, as_: As) -> None:
    page = as_("colleague").get(reverse("sharing:received-one", args=[institute.release.pk]))
    made = ask(as_("colleague"), institute)

    assert reverse("sharing:ask", args=[institute.dataset.pk]) in page.content.decode()
    assert made.status_code == 201


def test_purpose_and_answer_are_sealed(institute: Institute, as_: As) -> None:
    made = ask(as_("guest"), institute).json()
    answer(as_("steward"), made["id"], grant=False, reason="Quetzalcoatlus says no.")

    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT request::text FROM access_accessrequest request")
        kept = cursor.fetchall()[0][0]
    row = AccessRequest.objects.get(pk=made["id"])
    for text in ("Zanthoxylum", "Quetzalcoatlus"):
        assert text not in kept
        assert text.encode() not in bytes(row.purpose) + bytes(row.answer or b"")
    assert "Zanthoxylum" not in json.dumps(list(Event.objects.values_list("details", flat=True)))


def test_what_people_wrote_goes_when_the_thing_is_erased(institute: Institute, as_: As) -> None:
    asked = ask(as_("guest"), institute).json()
    erasing.forget([institute.dataset.pk])
    row = AccessRequest.objects.get(pk=asked["id"])

    assert (bytes(row.purpose), row.answer, row.state) == (b"", None, "lapsed")
    assert as_("guest").get(f"/api/v1/requests/{row.pk}").json()["purpose"] == ""


def test_the_ledger_and_notices_tell_of_each_step(institute: Institute, as_: As) -> None:
    made = ask(as_("guest"), institute).json()
    told = as_("steward").get("/api/v1/notices?unread=true").json()["items"]
    answer(as_("steward"), made["id"], grant=False, reason="No.")
    heard = as_("guest").get("/api/v1/notices?unread=true").json()["items"]

    events = Event.objects.filter(subject_id=made["id"]).order_by("id")
    assert [(one.code, one.outcome) for one in events] == [
        ("access:request:made", "ok"),
        ("access:request:declined", "ok"),
    ]
    assert "asked" in {one["code"] for one in told}
    assert "declined" in {one["code"] for one in heard}
    assert as_("guest").get("/").status_code == 200


def test_a_revoked_grant_of_a_request_ends(institute: Institute, as_: As) -> None:
    made = ask(as_("guest"), institute).json()
    answered = answer(as_("steward"), made["id"], grant=True, release=str(institute.release.pk))

    revoked = as_("steward").delete(f"/api/v1/grants/{answered.json()['grant']}")

    assert revoked.status_code == 200
    assert not decide(
        actor=institute.actor("guest"), action=Action.READ, node_id=institute.release.pk
    ).allowed


def test_what_nobody_answers_is_brought_to_mind_and_lapses(institute: Institute, as_: As) -> None:
    made = ask(as_("guest"), institute).json()
    now = timezone.now()
    row = AccessRequest.objects.filter(pk=made["id"])
    as_("steward").post(reverse("operations:notices-read"))

    early = asking.lapse_and_remind(now=now)
    reminded = [asking.lapse_and_remind(now=now + REMINDED_AFTER) for _ in range(2)]
    told = as_("steward").get("/api/v1/notices?unread=true").json()["items"]
    lapsed = asking.lapse_and_remind(now=now + LAPSES_AFTER)

    assert (early, reminded, lapsed) == ((0, 0), [(0, 1), (0, 0)], (1, 0))
    assert "asked" in {one["code"] for one in told}
    assert row.get().state == "lapsed"
    assert answer(as_("steward"), made["id"], grant=False, reason="x").status_code == 409


def test_a_token_asks_and_answers_with_its_scope_alone(institute: Institute, as_: As) -> None:
    expires = (timezone.now() + timedelta(days=1)).isoformat()
    secrets = {
        who: [
            sent(
                as_(who),
                "POST",
                "/api/v1/tokens",
                {"name": "t", "scopes": scopes, "expires_at": expires},
            ).json()["token"]
            for scopes in (["resource:read"], ["resource:read", "grant:manage"])
        ]
        for who in ("guest", "steward")
    }

    def by(secret: str) -> Client:
        return Client(headers={"Authorization": f"Bearer {secret}"})

    asked = [ask(by(secret), institute) for secret in secrets["guest"]]
    answered = [
        answer(by(secret), asked[1].json()["id"], grant=False, reason="no")
        for secret in secrets["steward"]
    ]

    assert [one.status_code for one in asked] == [403, 201]
    assert [one.status_code for one in answered] == [403, 200]


# ── the pages ────────────────────────────────────────────────────────────


def test_the_pages_lead_from_the_data_set_to_what_was_received(
    institute: Institute, as_: As
) -> None:
    guest, steward = as_("guest"), as_("steward")
    page = reverse("sharing:ask", args=[institute.dataset.pk])
    about = guest.get(reverse("datasets:dataset", args=[institute.dataset.pk]))
    empty = guest.get(reverse("sharing:requests"))

    refused = guest.post(page, {"text": "", "action": "read"})
    done = guest.post(page, {"text": PURPOSE, "action": "read"}, follow=True)
    one = AccessRequest.objects.get()
    address = reverse("sharing:request", args=[one.pk])
    home = steward.get("/")
    shown = steward.get(address)
    no_reason = steward.post(address, {"say": "decline", "action": "read"})
    nothing_chosen = steward.post(address, {"say": "grant", "action": "read"})
    granted = steward.post(
        address,
        {"say": "grant", "release": str(institute.release.pk), "action": "read"},
        follow=True,
    )
    mine = guest.get(address)

    assert page in about.content.decode()
    assert (
        page
        not in steward.get(
            reverse("datasets:dataset", args=[institute.dataset.pk])
        ).content.decode()
    )
    assert "No requests" in empty.content.decode()
    assert refused.status_code == 422
    assert institute.dataset.title in done.content.decode()
    assert f"asks to use {institute.dataset.title}" in home.content.decode()
    assert "Zanthoxylum" in shown.content.decode()
    assert (no_reason.status_code, nothing_chosen.status_code) == (422, 422)
    assert "Granted" in granted.content.decode()
    assert reverse("sharing:received-one", args=[institute.release.pk]) in mine.content.decode()
    assert 'name="say"' in shown.content.decode()
    assert 'name="say"' not in mine.content.decode()


def test_one_withdraws_on_the_page(institute: Institute, as_: As) -> None:
    made = ask(as_("guest"), institute).json()
    address = reverse("sharing:request-withdraw", args=[made["id"]])

    others = as_("steward").post(address)
    own = as_("guest").post(address, follow=True)

    assert others.status_code == 404
    assert "Withdrawn" in own.content.decode()


def test_a_file_can_be_asked_for_by_who_was_told_of_it(institute: Institute, as_: As) -> None:
    give_grant(
        node_id=institute.file.pk,
        to=Grantee(person_id=institute.stranger.id),
        actions=[Action.DESCRIBE],
        actor=institute.actor("owner"),
    )
    address = reverse("sharing:ask", args=[institute.file.pk])

    page = as_("stranger").get(reverse("resources:file", args=[institute.file.pk]))
    done = as_("stranger").post(address, {"text": "To read it.", "action": "download"})

    assert address in page.content.decode()
    assert done.status_code == 302
    assert AccessRequest.objects.get().node_id == institute.file.pk
