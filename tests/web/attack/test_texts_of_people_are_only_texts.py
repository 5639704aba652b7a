"""Rows 34 and 35, the server's half: no text of a person is ever markup, no file of a person a page.

`tests/xss_corpus.py` is written into every place that takes a text. Every page is then asked for;
its markup is parsed, and holds no element and no attribute that a payload would have made.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from tests.institute import Institute, put
from tests.web.attack.surface import pages
from tests.xss_corpus import FILES, MARK, PAYLOADS, table

from simplr.access import services as access
from simplr.datasets import dictionary_services as datasets
from simplr.datasets.models import Field
from simplr.projects.services import create_project
from simplr.resources import queries as resources
from simplr.resources import services as describing
from simplr.resources.models import Resource
from simplr.sharing import services as sharing
from simplr_core.access import Action


class Reader(HTMLParser):
    """Collects what a browser would run: inline scripts, handlers, script addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.run: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        for name, value in attrs:
            text = value or ""
            if name.startswith("on") or (name == "srcdoc"):
                self.run.append(f"{tag} {name}={text}")
            if (
                name in {"href", "src", "action"}
                and "javascript:" in text.replace("\t", "").lower()
            ):
                self.run.append(f"{tag} {name}={text}")

    def handle_data(self, data: str) -> None:
        if self._inside == "script" and MARK in data:
            self.run.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


@pytest.fixture(scope="module")
def poisoned(institute: Institute, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    with django_db_blocker.unblock():
        yield _poison(institute)


def _poison(institute: Institute) -> dict[str, Any]:
    owner, steward = institute.actor("owner"), institute.actor("steward")
    project = create_project(title=PAYLOADS[1][:200], aims="\n".join(PAYLOADS), actor=owner)
    dataset = put(
        project, owner, name="<img src=x onerror=1>.csv", content=table(), title=PAYLOADS[2]
    )
    version = resources.version_of(dataset.pk)
    for field in Field.objects.filter(version=version):
        datasets.change_field(
            version=version,
            name=field.name,
            changes={"meaning": "\n".join(PAYLOADS), "title": PAYLOADS[0]},
            actor=owner,
        )
    describing.change_resource(
        resource_id=dataset.pk,
        changes={"description": "\n".join(PAYLOADS), "usage_terms": PAYLOADS[3]},
        actor=owner,
    )
    first = Field.objects.filter(version=version).order_by("position")
    release = sharing.create_release(
        dataset_id=dataset.pk,
        definition=sharing.Definition(
            title=PAYLOADS[5],
            purpose="\n".join(PAYLOADS),
            fields=[{"name": field.name, "mask": {"kind": "keep"}} for field in first],
        ),
        actor=owner,
        personal=True,
    )
    access.give_grant(
        node_id=dataset.pk,
        to=access.Grantee(person_id=institute.steward.id),
        actions=[Action.DOWNLOAD],
        release_id=release.pk,
        note=PAYLOADS[6],
        actor=owner,
    )
    files = [
        put(project, owner, name=name, content=content, title=PAYLOADS[7], wanted_as="file")
        for name, content in FILES
    ]
    for person in (institute.owner, institute.steward):
        person.name = PAYLOADS[8]
        person.save(update_fields=["name"])
    return {
        "project": project,
        "dataset": dataset,
        "release": release,
        "files": files,
        "steward": steward,
    }


def _addresses(poisoned: dict[str, Any]) -> list[str]:
    values = {
        "project": poisoned["project"].slug,
        "dataset": str(poisoned["dataset"].pk),
        "resource": str(poisoned["files"][0].pk),
        "node": str(poisoned["dataset"].pk),
        "release": str(poisoned["release"].pk),
        "share": str(poisoned["release"].pk),
        "field": Field.objects.order_by("id").last().name,  # type: ignore[union-attr]
    }
    return [
        page.address(values)
        for page in pages()
        if page.method == "GET" and set(page.places) <= set(values)
    ]


@pytest.mark.parametrize("role", ["owner", "steward"])
def test_no_page_holds_a_text_of_a_person_as_markup(
    institute: Institute, poisoned: dict[str, Any], role: str
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(getattr(institute, role))
    shown = 0
    for address in _addresses(poisoned):
        response = client.get(address)
        if response.streaming or not response["Content-Type"].startswith("text/html"):
            continue
        reader = Reader()
        text = response.content.decode()
        reader.feed(text)
        assert reader.run == [], address
        shown += text.count(MARK)
    assert shown > 20, "the payloads were not on the pages at all"


def test_every_page_says_what_may_run_on_it(institute: Institute, poisoned: dict[str, Any]) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(institute.owner)

    for address in [*_addresses(poisoned), "/account/login/", "/nowhere", "/api/v1/nowhere"]:
        response = client.get(address)
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy, address
        if not address.startswith("/resources/"):
            assert "frame-ancestors 'none'" in policy, address
            assert "base-uri 'none'" in policy
            assert "object-src 'none'" in policy
        assert "unsafe-inline" not in policy.replace("style-src 'unsafe-inline'", ""), address
        assert "unsafe-eval" not in policy
        assert response["X-Content-Type-Options"] == "nosniff", address
        if response.streaming:
            b"".join(response.streaming_content)


def test_files_of_people_are_attachments_that_nothing_runs_in(
    institute: Institute, poisoned: dict[str, Any]
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(institute.owner)

    for file in [*poisoned["files"], poisoned["dataset"]]:
        _is_harmless(client, file)


def _is_harmless(client: Client, file: Resource) -> None:
    content = client.get(f"/api/v1/resources/{file.pk}/content")
    b"".join(content.streaming_content)
    assert content["Content-Type"] == "application/octet-stream"
    assert content["Content-Disposition"].startswith("attachment")
    preview = client.get(f"/api/v1/resources/{file.pk}/preview")
    if preview.streaming:
        b"".join(preview.streaming_content)
    assert preview["Content-Type"].split(";")[0] in {
        "text/plain",
        "application/problem+json",
        "image/png",
    }, file.title
    for answer in (content, preview):
        assert answer["X-Content-Type-Options"] == "nosniff"
    for answer in (content, *([preview] if preview.status_code == 200 else [])):
        assert answer["Content-Security-Policy"].startswith("sandbox")
