"""Nothing that a release leaves out or masks is in any byte that its grantee can get.

The grantee asks for every address of the URL table with every id there is, and for rows with
everything a reader can say. All answers are kept whole, headers too, and searched.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from tests.institute import Institute
from tests.web.attack.canaries import FIELDS, MASKED, Canaries
from tests.web.attack.surface import Endpoint, everything
from tests.web.attack.world import World, plant

FORMATS = ("csv", "tsv", "ndjson", "parquet", "arrow")
HIDDEN = ("dossier", "mail", "region")

Ask = Callable[..., bytes]


@pytest.fixture(scope="module")
def world(institute: Institute, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock():
        yield plant(institute)


class Recorder:
    """A browser or a program that keeps every byte it was sent."""

    def __init__(self, client: Client, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers
        self.leaks: list[str] = []
        self.answers = 0
        self.statuses: set[int] = set()

    def ask(
        self, canaries: Canaries, method: str, address: str, body: object = None, **more: str
    ) -> bytes:
        """Send it; note what shows in the answer."""
        response = self._client.generic(
            method,
            address,
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={**self._headers, **more},
        )
        content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
        head = "\n".join(f"{name}: {value}" for name, value in response.items())
        asked = address + json.dumps(body)
        seen = canaries.leaked(content) | canaries.leaked(head.encode())
        self.leaks += [f"{method} {address}: {place}" for place in seen if place not in asked]
        self.answers += 1
        self.statuses.add(response.status_code)
        return bytes(content)


def _as(world: World, who: str) -> Recorder:
    client = Client(raise_request_exception=False)
    headers: dict[str, str] = {}
    if who == "colleague":
        client.force_login(world.institute.colleague)
    elif who == "token":
        headers["Authorization"] = f"Bearer {world.token}"
    elif who == "link":
        headers["Authorization"] = f"Link {world.link}"
    elif who == "link in a browser":
        client.post(f"/l/{world.link}", {"password": ""})
    return Recorder(client, headers)


ENDS_THE_ATTACK = {"unseal", "sessions-end", "tokens-revoke", "account_logout"}
GRANTEES = ("colleague", "token", "link", "link in a browser")


@pytest.mark.parametrize("every", [200, pytest.param(1, marks=pytest.mark.prove)])
@pytest.mark.parametrize("who", GRANTEES)
def test_no_address_shows_a_canary_whatever_id_is_tried(
    world: World, who: str, every: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Each address with each `every`th id; which ones, goes round from address to address."""
    caplog.set_level(logging.DEBUG)
    grantee = _as(world, who)

    for number, endpoint in enumerate(everything()):
        if endpoint.operation in ENDS_THE_ATTACK:
            continue
        for values in _guesses(world, endpoint, ids=world.ids[number % every :: every]):
            address = endpoint.address(values)
            if endpoint.method in {"GET", "DELETE"}:
                grantee.ask(world.canaries, endpoint.method, address)
            elif who in {"colleague", "link"}:
                bodies = _bodies(world) if address.startswith("/api/") else [{}]
                # In `make test` each address gets one of them, in turn; in `make prove` all.
                for body in bodies if every == 1 else bodies[number % len(bodies) :][:1]:
                    grantee.ask(world.canaries, endpoint.method, address, body)

    assert grantee.leaks == []
    assert grantee.answers > 200
    assert max(grantee.statuses) < 500
    logged = "\n".join(logging.Formatter().format(record) for record in caplog.records)
    assert world.canaries.leaked(logged.encode()) == set()


def _guesses(world: World, endpoint: Endpoint, *, ids: list[Any]) -> Iterator[dict[str, str]]:
    places = endpoint.places
    if not places:
        yield {}
        return
    # What reads is tried with every id there is; what changes, with those of the nearest things.
    for id_ in ids if endpoint.method == "GET" else world.ids[:5]:
        yield {place: str(id_) for place in places}
    for name in ("dossier", "person_name"):
        yield {
            "dataset": str(world.dataset.pk),
            "name": name,
            "field": name,
            "project": world.institute.project.slug,
        }


def _bodies(world: World) -> list[dict[str, Any]]:
    whole = [{"name": name, "mask": {"kind": "keep"}} for name in FIELDS]
    return [
        {},
        {"title": "mine", "fields": whole, "where": "region = 'northquay'"},
        {"node": str(world.dataset.pk), "to": {"link": {}}, "actions": ["download"]},
        {"version": "2"},
    ]


@pytest.mark.parametrize("who", ["colleague", pytest.param("link", marks=pytest.mark.prove)])
@pytest.mark.parametrize("kind", FORMATS)
def test_rows_show_no_canary_whatever_is_asked_of_them(world: World, who: str, kind: str) -> None:
    grantee = _as(world, who)
    base = f"/api/v1/datasets/{world.dataset.pk}/rows?format={kind}"

    wishes = [
        "",
        "&exact=true",
        "&limit=3&offset=5",
        "&limit=0",
        "&offset=100000",
        f"&release={world.release.pk}",
        *(f"&fields={name}" for name in FIELDS),
        *(f"&sort={sign}{name}" for name in (*MASKED, *HIDDEN) for sign in ("", "-")),
        "&where=income > 1000",
        "&where=kind = 'walk' or 1 = 1",
        "&where=seen_on > '1970-01-01'&sort=seen_on",
    ]
    for wish in wishes if who == "colleague" else wishes[:6]:
        grantee.ask(world.canaries, "GET", base + wish)

    assert grantee.leaks == []
    assert 200 in grantee.statuses


@pytest.mark.parametrize("path", ["sample", "profile", "schema", "", "versions", "quarantine"])
def test_descriptions_and_figures_show_no_canary(world: World, path: str) -> None:
    grantee = _as(world, "colleague")
    kind = "resources" if path == "versions" else "datasets"
    base = f"/api/v1/{kind}/{world.dataset.pk}/{path}".rstrip("/")

    for wish in ("", f"?release={world.release.pk}", "?version=1", "?version=2", "?limit=1000"):
        grantee.ask(world.canaries, "GET", base + wish)

    assert grantee.leaks == []


def test_a_hidden_field_and_one_that_does_not_exist_answer_the_same(world: World) -> None:
    grantee = _as(world, "colleague")
    base = f"/api/v1/datasets/{world.dataset.pk}"

    for path, wish in itertools.product(
        ("rows", "sample"),
        ("fields={}", "sort={}", "sort=-{}", "where={} = 'a'", "where={} is null", "where=f({})=1"),
    ):
        said = {
            _without_ids(grantee.ask(world.canaries, "GET", f"{base}/{path}?{wish.format(name)}"))
            .replace(name, "NAME")
            .lower()
            for name in (*HIDDEN, "nowhere")
        }
        assert len(said) == 1, (path, wish, said)


def _without_ids(answer: bytes) -> str:
    said: dict[str, Any] = json.loads(answer)
    said.pop("request_id", None)
    return json.dumps(said)


def test_a_condition_looks_at_the_mask_and_never_behind_it(world: World) -> None:
    grantee = _as(world, "colleague")
    base = f"/api/v1/datasets/{world.dataset.pk}/sample?limit=1000"

    def count(where: str) -> int:
        return len(json.loads(grantee.ask(world.canaries, "GET", f"{base}&where={where}"))["rows"])

    whole = count("kind = 'walk'")
    assert whole > 0
    for number in [number for number in world.canaries.numbers if isinstance(number, int)][:6]:
        assert count(f"income = {number}") == count(f"income > {number - 1}") == 0
    for text in [text for text, place in world.canaries.texts.items() if "person" in place][:6]:
        assert count(f"person_name = '{text}'") == 0
    for day in list(world.canaries.days)[:6]:
        year = day[:4]
        assert count(f"seen_on = '{day}'") == 0
        assert count(f"seen_on > '{year}-01-01' and seen_on < '{year}-12-31'") == 0
    assert count("kind <> 'walk'") == 0, "rows that are not released can be counted"


def test_search_does_not_find_what_a_release_hides(world: World) -> None:
    grantee = _as(world, "colleague")

    for word in (*HIDDEN, "title of dossier", *_titles(world)):
        found = json.loads(grantee.ask(world.canaries, "GET", f"/api/v1/resources?q={word}"))
        assert found["items"] == [], word


def _titles(world: World) -> list[str]:
    return [text for text, place in world.canaries.texts.items() if "title" in place]


def test_a_grantee_learns_no_count_or_version_of_the_whole(world: World) -> None:
    grantee = _as(world, "colleague")

    said = json.loads(grantee.ask(world.canaries, "GET", f"/api/v1/resources/{world.dataset.pk}"))

    hidden = ("current_version", "version_number", "row_count", "size", "media_type")
    assert {name: said[name] for name in hidden} == dict.fromkeys(hidden)
    described = json.loads(
        grantee.ask(world.canaries, "GET", f"/api/v1/datasets/{world.dataset.pk}")
    )
    assert [field["name"] for field in described["fields"]] == [*MASKED, "kind"]
    assert {field["distinct"] for field in described["fields"]} == {None}
    assert described["row_count"] == world.release.row_count
    assert described["rows_in"] is None


def test_pseudonyms_tell_nothing_of_the_order_of_rows_or_values(world: World) -> None:
    grantee = _as(world, "colleague")
    address = f"/api/v1/datasets/{world.dataset.pk}/rows?format=csv&fields=person_name"

    drawn = grantee.ask(world.canaries, "GET", address).decode().split()[1:]

    assert len(set(drawn)) == len(drawn) > 20
    assert drawn != sorted(drawn)
    assert drawn != sorted(drawn, reverse=True)
    assert all(len(one) == len(drawn[0]) for one in drawn)


def test_the_client_and_the_command_are_sent_no_canary(
    world: World, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    from simplr_client import connect
    from simplr_client.command import main

    sent: list[bytes] = []
    real = httpx.Client

    class Listening(httpx.WSGITransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            content = b"".join(response.stream)  # type: ignore[arg-type]
            sent.append(repr(response.headers.raw).encode() + content)
            return httpx.Response(
                response.status_code, headers=response.headers, content=content, request=request
            )

    def client(*given: Any, **named: Any) -> httpx.Client:
        named.pop("verify", None)
        return real(*given, **{**named, "transport": Listening(app=WSGIHandler())})

    for signal in (request_started, request_finished):  # the test's transaction stays open
        signal.disconnect(close_old_connections)
    request.addfinalizer(lambda: request_started.connect(close_old_connections))
    request.addfinalizer(lambda: request_finished.connect(close_old_connections))
    monkeypatch.setattr(httpx, "Client", client)
    monkeypatch.setenv("SIMPLR_URL", "http://testserver")
    monkeypatch.setenv("SIMPLR_TOKEN", world.token)
    monkeypatch.setenv("SIMPLR_PLAIN_HTTP", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    session = connect("http://testserver", world.token)
    table = session.dataset(str(world.dataset.pk)).to_arrow()
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        for arguments in (
            ["show", str(world.dataset.pk)],
            ["get", str(world.dataset.pk), "--to", "rows.csv"],
            ["sample", str(world.dataset.pk)],
            ["list", "--json"],
            ["get", str(world.hidden_file.pk)],
        ):
            with contextlib.suppress(SystemExit):
                main(arguments)

    assert table.num_rows == world.release.row_count
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    everything_sent = b"\n".join(sent)
    assert len(sent) >= 5, (out.getvalue(), errors.getvalue())
    for content in (*sent, written, out.getvalue().encode(), errors.getvalue().encode()):
        assert world.canaries.leaked(content) == set()
    assert b"walk" in everything_sent


def test_the_search_finds_every_canary_where_the_whole_is_shown(world: World) -> None:
    """The control: the steward's own reading of the same addresses shows what was planted."""
    steward = Recorder(Client(), {})
    steward._client.force_login(world.institute.steward)
    base = f"/api/v1/datasets/{world.dataset.pk}/rows?version=1&exact=true&format="

    for kind in FORMATS:
        steward.leaks.clear()
        steward.ask(world.canaries, "GET", base + kind)
        seen = {leak.split(": ", 1)[1].split(",")[0] for leak in steward.leaks}
        assert {"dossier", "mail", "remark", "income", "weight", "seen_on", "kind"} <= seen, kind
