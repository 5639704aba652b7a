"""Tokens that tokens made, invitations, and the ledger on its way end with what they stand on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.institute import Institute

from simplr.access import invitations
from simplr.access.tokens import issue_access_token, revoke_access_token
from simplr.accounts.invitations import InvitationOver
from simplr.accounts.models import Person
from simplr.operations import ledger_services

As = Callable[[str], Client]


def _token(institute: Institute) -> Any:
    return issue_access_token(
        name="first",
        scopes=["token:manage", "resource:download"],
        expires_at=timezone.now() + timedelta(hours=1),
        actor=institute.actor("steward"),
    )


def test_a_token_makes_none_that_outlives_it(institute: Institute) -> None:
    first = _token(institute)
    bearer = {"Authorization": f"Bearer {first.secret}"}
    wish = {"name": "second", "scopes": ["resource:download"]}

    for hours, status in ((2, 403), (0.5, 201)):
        ends = (timezone.now() + timedelta(hours=hours)).isoformat()
        answer = Client(headers=bearer).post(
            "/api/v1/tokens", {**wish, "expires_at": ends}, content_type="application/json"
        )
        assert answer.status_code == status, answer.content


def test_a_revoked_token_takes_along_those_that_it_made(institute: Institute, as_: As) -> None:
    first = _token(institute)
    secrets = [first.secret]
    for number in range(2):  # each makes the next
        answer = Client(headers={"Authorization": f"Bearer {secrets[-1]}"}).post(
            "/api/v1/tokens",
            {
                "name": f"made {number}",
                "scopes": ["token:manage", "resource:download"],
                "expires_at": (timezone.now() + timedelta(minutes=30 - number)).isoformat(),
            },
            content_type="application/json",
        )
        secrets.append(answer.json()["token"])

    def alive() -> list[int]:
        return [
            Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/me").status_code
            for secret in secrets
        ]

    assert alive() == [200, 200, 200]
    assert as_("steward").delete(f"/api/v1/tokens/{first.token.public_id}").status_code == 204
    assert alive() == [401, 401, 401]


def test_an_invitation_gives_no_more_than_its_maker_still_may(institute: Institute) -> None:
    """An administrator invites himself back into another organisation, and loses the office."""
    made = invitations.invite(
        email="second.self@lakeside.example",
        organisation_id=institute.university.id,
        actor=institute.actor("administrator"),
    )
    Person.objects.filter(pk=institute.administrator.pk).update(is_administrator=False)

    with pytest.raises(InvitationOver):
        invitations.accept_invitation(
            secret=made.secret, name="Second Self", password="a sentence nobody would guess"
        )

    assert not Person.objects.filter(email="second.self@lakeside.example").exists()


@pytest.mark.parametrize("ending", ["office", "person", "token"])
def test_an_export_of_the_ledger_ends_with_the_right_to_read_it(
    institute: Institute, ending: str
) -> None:
    token = issue_access_token(
        name="archive",
        scopes=["ledger:read"],
        expires_at=timezone.now() + timedelta(hours=1),
        actor=institute.actor("auditor"),
    ).token
    actor = replace(
        institute.actor("auditor"), token_id=token.public_id, scopes=frozenset({"ledger:read"})
    )
    auditor = Person.objects.filter(pk=institute.auditor.pk)

    def slowly() -> Iterator[bytes]:
        for number in range(4):
            yield b"piece %d" % number
            time.sleep(ledger_services.ASK_AGAIN_SECONDS + 0.05)

    pieces = ledger_services.while_auditor(slowly(), actor=actor)
    assert [next(pieces), next(pieces)] == [b"piece 0", b"piece 1"]
    if ending == "office":
        auditor.update(is_auditor=False)
    elif ending == "person":
        auditor.update(is_active=False)
    else:
        revoke_access_token(token_id=token.public_id, actor=institute.actor("auditor"))

    with pytest.raises(ledger_services.OfficeEnded):
        next(pieces)
