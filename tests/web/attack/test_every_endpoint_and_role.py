"""Row 7: every address and method, for everybody who may come, against one table.

`matrix.csv` beside this file says, for each endpoint of the URL table and each kind of visitor,
what a request for a thing of the project answers: `ok`, `401`, `403`, `404`, or `405`; `in` where a page sends a
visitor without a licence to wait, `release` where it sends a grantee to his release. An endpoint without a row fails, and so does a row without an endpoint.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from tests.institute import MARKS, ROWS, Institute, complaints, person, put
from tests.web.attack.surface import Endpoint, everything

from simplr.access import services as access
from simplr.access.asking import ask_for_access
from simplr.access.authentication import of_person
from simplr.access.tokens import issue_access_token
from simplr.accounts.models import Organisation
from simplr.analysis.models import Alert
from simplr.datasets.comment_services import add_comment
from simplr.intake.models import Upload
from simplr.projects.services import create_project
from simplr.resources import queries as resources
from simplr.resources.folder_services import make_folder
from simplr.sharing import comparing
from simplr.sharing.models import Mending
from simplr_core.access import Action, Role

TABLE = Path(__file__).with_name("matrix.csv")
ROLES = (
    "anonymous",
    "unlicensed",
    "deactivated",
    "stranger",
    "other_steward",
    "colleague",
    "link",
    "guest",
    "viewer",
    "analyst",
    "steward",
    "owner",
    "administrator",
    "auditor",
    "read_token",
)


@dataclass
class Doors:
    """The visitors, and the ids that they try: of the project, and of another organisation's."""

    visitors: dict[str, tuple[Client, dict[str, str]]] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def doors(institute: Institute, django_db_blocker: Any) -> Iterator[Doors]:
    with django_db_blocker.unblock():
        yield _open(institute)


def _open(institute: Institute) -> Doors:
    nobody = Organisation.objects.create(name="Nobody's licence")
    extra = {
        "unlicensed": person("Una Licensed", nobody),
        "deactivated": person("Dea Activated", institute.streets),
        "other_steward": person("Oth Steward", institute.university),
    }
    access.give_role(
        project_id=institute.project.pk,
        person_id=extra["deactivated"].id,
        role=Role.STEWARD,
        actor=institute.actor("owner"),
    )
    access.give_role(
        project_id=institute.project.pk,
        person_id=extra["unlicensed"].id,
        role=Role.STEWARD,
        actor=institute.actor("owner"),
    )
    create_project(title="Elsewhere", aims="", actor=of_person(extra["other_steward"]))
    link = access.give_grant(
        node_id=institute.dataset.pk,
        to=access.Grantee(link=True),
        actions=[Action.DOWNLOAD],
        actor=institute.actor("steward"),
        release_id=institute.release.pk,
        until=timezone.now() + timedelta(days=1),
    )
    token = issue_access_token(
        name="reads only",
        scopes=["project:read"],
        expires_at=timezone.now() + timedelta(days=1),
        actor=institute.actor("owner"),
    )
    folder = make_folder(
        place_id=institute.project.pk, title="Reports", actor=institute.actor("steward")
    )
    put(
        institute.project,
        institute.actor("steward"),
        name="complaints.csv",
        content=complaints(ROWS + 1),
        resource=institute.dataset,
        fields=MARKS,
    )
    # As the viewer may see it: to those who see other fields, there is no such comparison.
    compared = comparing.comparison_of(
        comparing.seen_by(
            institute.actor("viewer"), dataset_id=institute.dataset.pk, before="1", after="2"
        ),
        key=None,
    )
    comment = add_comment(
        dataset_id=institute.dataset.pk, body="Seen.", actor=institute.actor("steward")
    )
    asked = ask_for_access(
        node_id=institute.dataset.pk,
        purpose="To know.",
        actions=[Action.DOWNLOAD],
        actor=institute.actor("guest"),
    )
    mended = Mending.objects.create(
        resource=institute.dataset,
        earlier=resources.version_of(institute.dataset.pk),
        person=institute.steward,
        error_code="mending-cancelled",
    )
    now = timezone.now()
    alert = Alert.objects.create(
        person=institute.viewer,
        begins_at=now,
        at=now,
        raised_at=now,
        last_at=now,
        score=4.0,
        parts=[{"kind": "hour", "surprise": 4.0, "value": 3.0, "usual": 30.0}],
        measure="notify",
    )
    alert.projects.create(project_id=institute.project.pk)
    doors = Doors()
    for role in ROLES:
        client, headers = Client(raise_request_exception=False), {}
        if role == "link":
            client.post(f"/l/{link.link_secret}", {"password": ""})
            headers["Authorization"] = f"Link {link.link_secret}"
        elif role == "read_token":
            headers["Authorization"] = f"Bearer {token.secret}"
        elif role != "anonymous":
            client.force_login(extra.get(role) or getattr(institute, role))
        doors.visitors[role] = (client, headers)
    extra["deactivated"].is_active = False
    extra["deactivated"].save(update_fields=["is_active"])
    upload = Upload.objects.filter(project=institute.project, state="kept").order_by("id")[0]
    doors.own = {
        "project": str(institute.project.pk),
        "dataset": str(institute.dataset.pk),
        "resource": str(institute.dataset.pk),
        "release": str(institute.release.pk),
        "share": str(institute.release.pk),
        "version": "1",
        "upload": str(upload.pk),
        "grant": str(institute.grant_id),
        "person": str(institute.viewer.id),
        "node": str(institute.dataset.pk),
        "place": str(institute.project.pk),
        "folder": str(folder.pk),
        "comment": str(comment.pk),
        "access_request": str(asked.pk),
        "comparison": str(compared.pk),
        "mending": str(mended.pk),
        "alert": str(alert.pk),
        "job": str(upload.job_id),
        "name": "ward",
        "field": "ward",
    }
    return doors


def values_for(doors: Doors, endpoint: Endpoint) -> dict[str, str]:
    """What stands in the places of an address; an id of nothing where the project has none."""
    values = dict.fromkeys(endpoint.places, "01890000-0000-7000-8000-000000000000")
    values |= {name: id_ for name, id_ in doors.own.items() if name in values}
    if "projects/<" in endpoint.route and not endpoint.route.startswith("api/"):
        values["project"] = "clean-streets"
    if endpoint.route.startswith(("resources/", "files/")):
        values["resource"] = doors.own["resource"]
    return values


def outcome(response: Any) -> str:
    """What an answer means: entry, or which refusal. A wrong body is found after entry."""
    status = response.status_code
    if response.streaming:  # closing it would close the connections of the test
        b"".join(response.streaming_content)
    if status in {401, 403, 404}:
        return str(status)
    if status == 302 and response["Location"].startswith(("/account/login", "/account/waiting")):
        return "in"
    if status == 302 and response["Location"].startswith("/received"):
        return "release"
    if status == 405:
        return "405"
    if status >= 500:
        return f"broken {status}"
    return "ok"


def tried(doors: Doors, endpoint: Endpoint, role: str) -> str:
    """One request of one visitor; whatever it did is undone."""
    client, headers = doors.visitors[role]
    address = endpoint.address(values_for(doors, endpoint))
    if endpoint.operation == "explain_access":
        address += f"?person={doors.own['person']}"
    if role == "link" and not endpoint.route.startswith("api/"):
        headers = {}  # on pages the visitor has the session that opening the link gave him
    body = json.dumps(BODIES.get(endpoint.operation, {}))
    if endpoint.operation == "put_file":
        address += "?name=.."
    if endpoint.operation == "give_grant":
        body = json.dumps({"node": doors.own["dataset"], "to": {}})
    before = transaction.savepoint()
    cookies = client.cookies.copy()
    try:
        kind = "application/json" if endpoint.route.startswith("api/") else "multipart/form-data"
        if kind == "multipart/form-data" and endpoint.method == "POST":
            response = client.post(address, {}, headers=headers)
        else:
            sent = "" if endpoint.method in {"GET", "DELETE"} else body
            response = client.generic(
                endpoint.method, address, sent, content_type=kind, headers=headers
            )
        return outcome(response)
    finally:
        transaction.savepoint_rollback(before)
        client.cookies = cookies


BODIES: dict[str, dict[str, Any]] = {
    "act_on_several": {"act": "trash", "ids": ["01890000-0000-7000-8000-000000000000"]},
    "create_folder": {"title": "t"},
    "add_comment": {"body": "t"},
    "ask_for_access": {"purpose": "t"},
    "answer_request": {"grant": False},
    "decide_alert": {"decision": "confirmed"},
    "compare_versions": {"before": "1", "after": "2"},
    "mend_quarantine": {"changes": [{"do": "drop"}]},
    "set_digest": {"wanted": False},
    "change_comment": {"body": "t"},
    "give_role": {"role": "guest"},
    "create_release": {"title": "t", "fields": [{"name": "no such field"}]},
    "preview_release": {"title": "t", "fields": [{"name": "no such field"}]},
    "accept_version": {"version": "1"},
    "create_token": {"name": "t", "scopes": ["nonsense"], "expires_at": "2020-01-01T00:00:00Z"},
    "create_invitation": {"email": "no address"},
    "create_group": {"name": "Group"},
    "add_to_group": {"email": "nobody@nowhere.example"},
    "create_project": {"title": "t", "slug": "!"},
    "create_program": {"name": "t", "kind": "web", "scopes": ["nonsense"]},
    "create_organisation": {"name": "Org"},
    "issue_licence": {"person": "01890000-0000-7000-8000-000000000000"},
}


def expected() -> dict[str, dict[str, str]]:
    """The table as it stands in the repository."""
    with TABLE.open(newline="") as lines:
        return {row.pop("endpoint"): row for row in csv.DictReader(lines)}


ENDPOINTS = everything()


def test_the_table_names_every_endpoint_and_no_other() -> None:
    assert {endpoint.key for endpoint in ENDPOINTS} == set(expected())


def test_the_table_names_every_kind_of_visitor() -> None:
    assert all(set(row) == set(ROLES) for row in expected().values())


@pytest.mark.parametrize("role", ROLES)
def test_every_endpoint_answers_as_the_table_says(doors: Doors, role: str) -> None:
    table = expected()
    client, headers = doors.visitors[role]
    # What waits for a person is counted now and then, not for each page: here once for all of them.
    client.get("/account/", headers=headers)

    wrong = {
        endpoint.key: (found, table[endpoint.key][role])
        for endpoint in ENDPOINTS
        if (found := tried(doors, endpoint, role)) != table[endpoint.key][role]
    }

    assert wrong == {}, "found, expected"
