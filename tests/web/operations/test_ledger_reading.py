"""Who may read which events: auditors all, owners what is theirs, everybody what he did."""

from __future__ import annotations

import io
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from simplr.access.models import Node
from simplr.access.services import give_role, make_node
from simplr.accounts.models import Organisation, Person
from simplr.audit import services
from simplr.base import events
from simplr.base.actors import Actor
from simplr.base.models import Event
from simplr.licensing.models import Licence
from simplr.projects.models import Project
from simplr_core.access import NodeKind, Role


@dataclass
class Scene:
    owner: Person
    analyst: Person
    stranger: Person
    auditor: Person
    project: Node
    read_by_analyst: str
    done_elsewhere: str


def person(name: str, organisation: Organisation, **offices: bool) -> Person:
    found = Person.objects.create(
        email=f"{name}@example.org", name=name.title(), organisation=organisation, **offices
    )
    Licence.objects.create(person=found, issued_at=timezone.now())
    return found


def as_actor(who: Person) -> Actor:
    return Actor(kind="person", person_id=who.id, auditor=who.is_auditor)


@pytest.fixture
def scene() -> Scene:
    home = Organisation.objects.create(name="Lakeside")
    owner, analyst = person("owner", home), person("analyst", home)
    stranger, auditor = person("stranger", home), person("auditor", home, is_auditor=True)
    project = make_node(
        kind=NodeKind.PROJECT, parent=None, owner_id=owner.id, organisation_id=home.id
    )
    Project.objects.create(node=project, slug="parks", title="City parks", quota_bytes=1)
    give_role(project_id=project.id, person_id=owner.id, role=Role.OWNER, actor=as_actor(owner))
    give_role(project_id=project.id, person_id=analyst.id, role=Role.ANALYST, actor=as_actor(owner))
    read = events.record(
        code=events.Event.ROWS_READ,
        actor=as_actor(analyst),
        node_id=project.id,
        project_id=project.id,
        details={"rows": 5},
    )
    elsewhere = events.record(code=events.Event.PASSWORD_CHANGED, actor=as_actor(stranger))
    return Scene(owner, analyst, stranger, auditor, project, str(read), str(elsewhere))


def asked(who: Person, query: str = "") -> list[dict[str, Any]]:
    client = Client()
    client.force_login(who, backend="simplr.accounts.adapters.SignInBackend")
    answer = client.get(f"/api/v1/ledger{query}")
    assert answer.status_code == 200, answer.content
    return [one for one in answer.json()["items"] if one["code"] != events.Event.PERSON_SIGNED_IN]


def test_an_owner_sees_who_used_what_is_his_by_name(scene: Scene) -> None:
    found = {one["id"]: one for one in asked(scene.owner)}

    one = found[scene.read_by_analyst]
    assert one["actor"]["name"] == "Analyst"
    assert one["node"]["name"] == "City parks"
    assert scene.done_elsewhere not in found


def test_a_person_sees_what_he_did_and_nothing_else(scene: Scene) -> None:
    assert {one["id"] for one in asked(scene.analyst)} == {scene.read_by_analyst}
    assert {one["id"] for one in asked(scene.stranger)} == {scene.done_elsewhere}


def test_an_auditor_sees_all_and_his_reading_is_an_event(scene: Scene) -> None:
    readings = Event.objects.filter(code=events.Event.LEDGER_READ, actor_id=scene.auditor.id)
    assert readings.count() == 0

    found = {one["id"] for one in asked(scene.auditor)}

    assert {scene.read_by_analyst, scene.done_elsewhere} <= found
    assert readings.count() == 1


def test_what_one_did_to_a_thing_one_may_not_know_of_stays_without_its_name(scene: Scene) -> None:
    refused = events.record(
        code=events.Event.ENTRY_REFUSED,
        actor=as_actor(scene.stranger),
        outcome="refused",
        node_id=scene.project.id,
    )

    to_stranger = next(one for one in asked(scene.stranger) if one["id"] == str(refused))
    to_owner = next(one for one in asked(scene.owner) if one["id"] == str(refused))

    assert to_stranger["node"] == {"kind": "node", "id": str(scene.project.id), "name": ""}
    assert to_owner["node"]["name"] == "City parks"
    assert to_owner["actor"]["name"] == "Stranger"


def test_filters_narrow_and_pages_follow_each_other(scene: Scene) -> None:
    kept = asked(scene.owner, f"?node={scene.project.id}&code=sharing:rows:read")
    assert [one["id"] for one in kept] == [scene.read_by_analyst]
    assert asked(scene.owner, "?outcome=failed") == []
    assert asked(scene.owner, f"?actor={scene.analyst.id}&code=sharing:")[0]["outcome"] == "ok"
    assert asked(scene.owner, "?since=2999-01-01T00:00:00Z") == []

    client = Client()
    client.force_login(scene.owner, backend="simplr.accounts.adapters.SignInBackend")
    first = client.get("/api/v1/ledger?limit=1").json()
    second = client.get(f"/api/v1/ledger?limit=1&cursor={first['next']}").json()
    assert first["items"][0]["id"] > second["items"][0]["id"]


def test_a_node_one_may_not_know_of_is_not_found(scene: Scene) -> None:
    client = Client()
    client.force_login(scene.stranger, backend="simplr.accounts.adapters.SignInBackend")

    assert client.get(f"/api/v1/ledger?node={scene.project.id}").status_code == 404


@pytest.mark.parametrize("path", ["verify", "export"])
def test_only_an_auditor_verifies_or_exports(scene: Scene, path: str) -> None:
    client = Client()
    client.force_login(scene.owner, backend="simplr.accounts.adapters.SignInBackend")

    assert client.get(f"/api/v1/ledger/{path}").status_code == 403


@pytest.mark.alone
@pytest.mark.django_db(databases="__all__", transaction=True)
def test_an_export_is_verified_by_openssl_and_sha256sum_alone(scene: Scene, tmp_path: Path) -> None:
    services.seal_now()
    client = Client()
    client.force_login(scene.auditor, backend="simplr.accounts.adapters.SignInBackend")

    verified = client.get("/api/v1/ledger/verify").json()
    answer = client.get("/api/v1/ledger/export")
    exported = b"".join(answer.streaming_content)  # type: ignore[attr-defined]

    assert verified["ok"] is True, verified
    assert Event.objects.order_by("-id")[0].code == events.Event.LEDGER_EXPORTED
    zipfile.ZipFile(io.BytesIO(exported)).extractall(tmp_path)
    script = subprocess.run(
        ["sh", str(tmp_path / "simplr-ledger" / "verify.sh")], capture_output=True, text=True
    )
    assert script.returncode == 0, script.stdout + script.stderr


@pytest.mark.parametrize("who", ["owner", "auditor", "stranger"])
@pytest.mark.urls("tests.web.look_urls")
def test_the_page_shows_what_happened_in_words(scene: Scene, who: str) -> None:
    client = Client()
    client.force_login(getattr(scene, who), backend="simplr.accounts.adapters.SignInBackend")

    page = client.get("/ledger")

    assert page.status_code == 200
    assert ("sharing:rows:read" in page.content.decode()) == (who != "stranger")
    assert client.get("/ledger?kind=refused&since=2026-01-01&node=nonsense").status_code == 200
    fragment = client.get(f"/nodes/{scene.project.id}/ledger")
    assert fragment.status_code == (200 if who == "owner" else 403 if who == "auditor" else 404)


def test_the_page_fetches_how_often_what_happened_among_what_its_reader_sees(scene: Scene) -> None:
    counted = {}
    for who in ("owner", "stranger"):
        client = Client()
        client.force_login(getattr(scene, who), backend="simplr.accounts.adapters.SignInBackend")
        assert 'hx-get="/ledger?part=month"' in client.get("/ledger").content.decode()
        counted[who] = client.get("/ledger?part=month").content.decode()

    assert '<dt>Reads</dt><dd class="num">1</dd>' in counted["owner"]
    assert '<dt>Reads</dt><dd class="num">0</dd>' in counted["stranger"]
