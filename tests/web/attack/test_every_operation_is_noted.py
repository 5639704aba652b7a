"""Row 47: what each operation of the API writes into the ledger, no more and no less.

`events.csv` beside this file says, for each operation, who does it here, what it answers, and
exactly which events it leaves. An operation without a row fails. Whoever may not do it gets a
refusal, and the refusal is the one event.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from tests.institute import Institute
from tests.web.attack.surface import Endpoint, operations
from tests.web.attack.test_every_endpoint_and_role import Doors, _open, expected, values_for
from tests.web.store.test_hostile_files import taken_in

from simplr.access.invitations import invite
from simplr.access.oauth.programs import Kind, register_program
from simplr.access.tokens import issue_access_token
from simplr.accounts import services as accounts
from simplr.base.events import Event as Code
from simplr.base.models import Event
from simplr.licensing.services import issue_licence

TABLE = Path(__file__).with_name("events.csv")
DOES = {
    "add_to_group": "administrator",
    "remove_from_group": "administrator",
    "revoke_invitation": "administrator",
    "revoke_licence": "administrator",
    "revoke_program": "administrator",
    "list_program_tokens": "administrator",
    "issue_licence": "administrator",
    "ask_for_access": "viewer",
    "withdraw_request": "guest",
}
"""Where the table of entries is about things that are not there, or about what one has already."""
DOERS = ("owner", "steward", "administrator", "auditor", "viewer", "colleague", "anonymous")
SOON = (timezone.now() + timedelta(days=2)).isoformat()
RAW = {"put_file": "a,b\n1,2\n", "import_dictionary": "name,title\nward,Ward of the city\n"}
OPERATIONS = sorted(operations())


@pytest.fixture(scope="module")
def doors(institute: Institute, django_db_blocker: Any) -> Iterator[Doors]:
    with django_db_blocker.unblock():
        made = _open(institute)
        _things_of_people(made, institute)
        for client, headers in made.visitors.values():
            client.get("/account/", headers=headers)  # what waits for a person is counted once
        yield made


def _things_of_people(doors: Doors, institute: Institute) -> None:
    """What a project does not have: a group with a member, an invitation, a token, a program, a
    licence; and a file that is understood and waits to be kept."""
    administrator = institute.actor("administrator")
    group = accounts.add_group(
        name="Foresters", organisation_id=institute.streets.pk, actor=administrator
    )
    accounts.add_group_member(group_id=group.pk, person_id=institute.viewer.pk, actor=administrator)
    token = issue_access_token(
        name="mine",
        scopes=["project:read"],
        expires_at=timezone.now() + timedelta(days=1),
        actor=institute.actor("owner"),
    )
    invited = invite(email="ny@lakeside.example", actor=administrator)
    program = register_program(
        name="Street planner",
        kind=Kind.WEB,
        scopes=["release:read"],
        addresses=["https://program.example.org/back"],
        actor=administrator,
    )
    upload = taken_in(institute, "waits.csv", b"a,b\n1,2\n3,4\n")
    doors.own |= {
        "group": str(group.pk),
        "invitation": str(invited.invitation.pk),
        "token": str(token.token.public_id),
        "program": str(program.program.public_id),
        "licence": str(issue_licence(actor=administrator, person=institute.stranger).pk),
        "upload": str(upload.pk),
    }


def _bodies(doors: Doors, institute: Institute) -> dict[str, dict[str, Any]]:
    """What makes an operation that changes something succeed."""
    dataset = doors.own["dataset"]
    return {
        "act_on_several": {"act": "trash", "ids": [dataset]},
        "create_folder": {"title": "Another"},
        "change_folder": {"title": "Renamed"},
        "move_resource": {"to": doors.own["folder"]},
        "add_comment": {"body": "Seen as well."},
        "ask_for_access": {"purpose": "To know."},
        "answer_request": {"grant": True, "release": doors.own["release"]},
        "change_comment": {"body": "Seen twice."},
        "compare_versions": {"before": "1", "after": "2"},
        "mend_quarantine": {"changes": [{"do": "drop"}]},
        "set_digest": {"wanted": True},
        "decide_alert": {"decision": "confirmed"},
        "give_role": {"role": "guest", "person": str(institute.stranger.pk)},
        "create_release": {"title": "New", "fields": [{"name": "ward"}]},
        "preview_release": {"title": "New", "fields": [{"name": "ward"}]},
        "accept_version": {"version": "2"},
        "create_token": {"name": "t", "scopes": ["project:read"], "expires_at": SOON},
        "create_invitation": {"email": "new@lakeside.example"},
        "create_group": {"name": "Group"},
        "create_project": {"title": "Another project"},
        "create_program": {
            "name": "Another program",
            "kind": "web",
            "scopes": ["release:read"],
            "addresses": ["https://another.example.org/back"],
        },
        "create_organisation": {"name": "Another organisation"},
        "change_project": {"title": "Renamed"},
        "change_resource": {"title": "Renamed"},
        "change_person": {"auditor": True},
        "add_to_group": {"person": str(institute.guest.pk)},
        "change_field": {"title": "Ward of the city"},
        "issue_licence": {"person": str(institute.viewer.pk), "expires_at": SOON},
        "give_grant": {
            "node": dataset,
            "release": doors.own["release"],
            "to": {"person": str(institute.stranger.pk)},
            "actions": ["read"],
            "until": SOON,
        },
    }


def _address(doors: Doors, endpoint: Endpoint) -> str:
    more = {
        "explain_access": f"?person={doors.own['person']}",
        "put_file": "?name=more.csv",
        "import_dictionary": "?format=csv",
    }
    return endpoint.address(values_for(doors, endpoint)) + more.get(endpoint.operation, "")


def _done(
    doors: Doors, endpoint: Endpoint, role: str, body: dict[str, Any] | None
) -> tuple[int, list[Event]]:
    """The answer's status and the events that one request left; what it did is undone."""
    client, headers = doors.visitors[role]
    known = set(Event.objects.values_list("pk", flat=True))
    sent = "" if endpoint.method in {"GET", "DELETE"} else json.dumps(body or {})
    sent = RAW.get(endpoint.operation, sent)
    before, cookies = transaction.savepoint(), client.cookies.copy()
    try:
        response: Any = client.generic(
            endpoint.method,
            _address(doors, endpoint),
            sent,
            content_type="application/json",
            headers=headers,
        )
        if response.streaming:
            b"".join(response.streaming_content)
        left = list(Event.objects.exclude(pk__in=known).order_by("id"))
        return response.status_code, left
    finally:
        transaction.savepoint_rollback(before)
        client.cookies = cookies


def _doer(endpoint: Endpoint) -> str:
    """The first of those who may."""
    row = expected()[endpoint.key]
    return DOES.get(endpoint.operation) or next(
        (role for role in DOERS if row[role] == "ok"), "owner"
    )


def table() -> dict[str, dict[str, str]]:
    with TABLE.open(newline="") as lines:
        return {row.pop("operation"): row for row in csv.DictReader(lines)}


def test_the_table_names_every_operation_and_no_other() -> None:
    assert set(table()) == {endpoint.operation for endpoint in OPERATIONS}


def test_each_operation_leaves_exactly_its_events(doors: Doors, institute: Institute) -> None:
    bodies, found = _bodies(doors, institute), {}
    for endpoint in OPERATIONS:
        doer = _doer(endpoint)
        status, left = _done(doors, endpoint, doer, bodies.get(endpoint.operation))
        codes = " ".join(sorted(event.code for event in left))
        found[endpoint.operation] = {"by": doer, "answer": str(status), "events": codes}
        assert {event.outcome for event in left} <= {"ok"} or status >= 400
    if os.environ.get("SIMPLR_UPDATE_EVENTS"):
        with TABLE.open("w", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(("operation", "by", "answer", "events"))
            writer.writerows((name, *row.values()) for name, row in sorted(found.items()))

    said = table()
    wrong = {name: (row, said.get(name)) for name, row in found.items() if row != said.get(name)}
    assert wrong == {}, "found, said"


def test_each_refusal_is_noted_once_with_who_and_why(doors: Doors, institute: Institute) -> None:
    rows, refused, bodies = expected(), 0, _bodies(doors, institute)
    for endpoint in OPERATIONS:
        for role in ("stranger", "viewer"):
            if rows[endpoint.key][role] not in {"403", "404"}:
                continue
            status, left = _done(doors, endpoint, role, bodies.get(endpoint.operation))
            assert status in {403, 404}, endpoint.key
            noted = [(event.code, event.outcome, event.actor_id) for event in left]
            who: UUID = getattr(institute, role).pk
            assert noted == [(Code.ENTRY_REFUSED.value, "refused", who)], endpoint.key
            assert left[0].details["reason"]
            refused += 1

    assert refused > 100


ELSEWHERE = {
    "accept_version": "409: the release has the newest version; tests/web/test_versions.py",
    "append_to_upload": "412: tus has headers of its own; tests/web/store/test_tus.py",
    "begin_resumable_upload": "412; tests/web/store/test_tus.py",
    "end_resumable_upload": "412; tests/web/store/test_tus.py",
    "order_scan": "409: there is no scanner; tests/web/scanning",
    "show_resumable_upload": "412; tests/web/store/test_tus.py",
    "get_text": "422: the data set is no document; tests/web/test_text_of_documents.py",
    "mend_by_file": "422; tests/web/test_mending.py",
    "mend_quarantine": "422: nothing is there to be mended; tests/web/test_mending.py",
    "unseal": "422: it is open; tests/web/vault/test_sealed_start.py",
}
"""What cannot succeed in this institute: what it answers, and where its success is tried."""


def test_only_what_is_named_does_not_succeed_here() -> None:
    assert {name for name, row in table().items() if not row["answer"].startswith("2")} == set(
        ELSEWHERE
    )


SILENT = {
    "cancel_job": "its work had ended, so nothing was changed",
    "keep_upload": "the work that it asks for notes what became of it, in the same person's name",
    "read_upload_as": "the work that it asks for notes what became of it, in the same person's name",
    "try_recipe": "a look at some rows of a file that the asker may keep; nothing is changed",
    "cancel_mending": "it had ended, so nothing was changed",
    "read_notices": "somebody's own marks of what he has read",
}


def test_what_changes_something_is_never_silent() -> None:
    """Each change leaves an event of its own; those that answer without one are named here."""
    silent = {
        endpoint.operation
        for endpoint in OPERATIONS
        if endpoint.method != "GET"
        and table()[endpoint.operation]["answer"].startswith("2")
        and not table()[endpoint.operation]["events"]
    }

    assert silent == set(SILENT)
