"""Metrics are true, name nothing and nobody, and are read by whom a setting or an office lets."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as read_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as read
from tests.institute import Institute

from simplr.access.authentication import of_person
from simplr.access.tokens import issue_access_token
from simplr.base import children
from simplr.operations import metrics

ROOT = Path(__file__).resolve().parents[3]
PATH = "/api/v1/metrics"
UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
LABELS = {
    *("operation", "method", "status", "le", "task", "ending", "queue", "state"),
    *("database", "part", "version"),
}
MONITOR = (ROOT / "docs/how-to/monitor.md").read_text()
ALERTS = (ROOT / "deploy/prometheus/simplr-alerts.yml").read_text()


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets which addresses may read, and whether a proxy is trusted."""

    def allow(*places: str, proxy: bool = False) -> None:
        networks = tuple(ip_network(place) for place in places)
        changed = dataclasses.replace(settings.ENV, metrics_from=networks, trusted_proxy=proxy)
        monkeypatch.setattr(settings, "ENV", changed)

    return allow


def samples(client: Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample by name and labels, as a Prometheus server reads them."""
    answer = client.get(PATH)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in read(answer.content.decode())
        for sample in family.samples
    }


def value(client: Client, name: str, **labels: str) -> float:
    return samples(client).get((name, tuple(sorted(labels.items()))), 0.0)


def test_a_request_is_counted_by_its_operation_and_a_wrong_address_by_none(
    allowed: Callable[..., None],
) -> None:
    allowed("127.0.0.1")
    client = Client()
    asked = {"operation": "api:health", "method": "GET", "status": "200"}
    lost = {"operation": "none", "method": "GET", "status": "404"}
    before = value(client, "simplr_requests_total", **asked)
    lost_before = value(client, "simplr_requests_total", **lost)

    client.get("/api/v1/health")
    client.get("/no/such/0192f0c1-0000-7000-8000-000000000004")
    client.generic("BREW", "/api/v1/health")

    found = samples(client)
    assert found["simplr_requests_total", tuple(sorted(asked.items()))] == before + 1
    assert found["simplr_requests_total", tuple(sorted(lost.items()))] == lost_before + 1
    timed = (("method", "GET"), ("operation", asked["operation"]))
    assert found["simplr_request_seconds_count", timed] == before + 1
    assert not any("BREW" in dict(labels).values() for _, labels in found)


def test_no_label_names_a_thing_a_person_or_an_address(
    institute: Institute, as_: Callable[[str], Client], allowed: Callable[..., None]
) -> None:
    steward = as_("steward")
    for path in (
        f"/api/v1/resources/{institute.dataset.pk}",
        f"/api/v1/datasets/{institute.dataset.pk}/rows",
        f"/resources/{institute.dataset.pk}",
        f"/l/{'secret' * 4}",
    ):
        answer = steward.get(path)
        if answer.streaming:
            b"".join(answer.streaming_content)
    allowed("127.0.0.1")

    found = samples(Client())

    assert any(name == "simplr_streamed_bytes_total" and v for (name, _), v in found.items())
    for name, labels in found:
        assert {key for key, _ in labels} <= LABELS, name
        for key, text in labels:
            assert not UUID.search(text), (name, key, text)
            assert len(text) < 70, (name, key, text)
            assert "secret" not in text
            assert "/" not in text


def test_strangers_and_other_offices_are_refused_whatever_address_they_write(
    institute: Institute, as_: Callable[[str], Client], allowed: Callable[..., None]
) -> None:
    assert settings.ENV.metrics_from == (), "nobody may by default"
    assert Client().get(PATH).status_code == 401
    assert as_("owner").get(PATH).status_code == 403
    assert as_("auditor").get(PATH).status_code == 403

    allowed("10.0.0.7")
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        assert Client().get(PATH, headers={header: "10.0.0.7"}).status_code == 401
    allowed("127.0.0.1")
    assert Client().get(PATH, headers={"X-Forwarded-For": "8.8.8.8"}).status_code == 401
    assert Client().get(PATH, REMOTE_ADDR="no address").status_code == 401


def test_behind_a_trusted_proxy_the_address_is_the_one_that_the_proxy_added(
    allowed: Callable[..., None],
) -> None:
    allowed("10.1.0.0/16", "2001:db8::/32", proxy=True)

    def asked(told: str) -> int:
        return Client().get(PATH, headers={"X-Forwarded-For": told}).status_code

    assert asked("10.1.2.3") == 200
    assert asked("2001:db8::7") == 200
    assert asked("::ffff:10.1.2.3") == 200
    assert asked("10.1.2.3, 8.8.8.8") == 401, "what stands before it the caller wrote"
    assert asked("10.1.2.3.4") == 401


def test_a_token_reads_with_this_scope_and_no_other(institute: Institute) -> None:
    def asked(scope: str) -> int:
        token = issue_access_token(
            name="prometheus",
            scopes=[scope],
            expires_at=timezone.now() + timedelta(days=1),
            actor=of_person(institute.administrator),
        )
        headers = {"Authorization": f"Bearer {token.secret}"}
        return Client().get(PATH, headers=headers).status_code

    assert asked("installation:read") == 200
    assert asked("ledger:read") == 403


def test_what_is_kept_waits_and_is_sealed_is_counted(
    institute: Institute, allowed: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed("127.0.0.1")
    monkeypatch.setattr(metrics._object_count, "at", float("-inf"))
    found = samples(Client())

    assert found["simplr_stored_bytes", ()] > 0
    assert found["simplr_objects", ()] > 0
    assert found["simplr_ledger_unsealed_events", ()] > 0
    assert found["simplr_database_connections", (("database", database()),)] >= 1
    assert found["simplr_memory_bytes", (("part", "web"),)] > 10 * 2**20
    assert found["simplr_descriptors", (("part", "web"),)] > 3
    assert found["simplr_disk_free_bytes", ()] < found["simplr_disk_bytes", ()]


def database() -> str:
    from django.db import connection

    return str(connection.settings_dict["NAME"])


def test_a_child_that_takes_too_long_is_counted_by_its_ending(
    allowed: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed("127.0.0.1")
    monkeypatch.syspath_prepend(str(ROOT / "tests/unit/base"))
    children.end()  # the next one finds the job
    client = Client()
    before = value(client, "simplr_children_ended_badly_total", ending="limit")

    with (
        pytest.raises(children.FileTooDemanding),
        children.start(
            job="hostile_jobs:sleep",
            arguments={},
            files={},
            limits=children.Limits(wall_seconds=0.2),
        ) as child,
    ):
        child.finish()

    assert value(client, "simplr_children_ended_badly_total", ending="limit") == before + 1


def test_both_text_formats_are_read_by_their_parsers(allowed: Callable[..., None]) -> None:
    allowed("127.0.0.1")
    newer = Client().get(
        PATH, headers={"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}
    )

    assert newer["Content-Type"].startswith("application/openmetrics-text")
    assert len(list(read_openmetrics(newer.content.decode()))) > 20


def test_the_manual_and_the_alerts_name_metrics_that_there_are(
    allowed: Callable[..., None],
) -> None:
    allowed("127.0.0.1")
    families = {family.name for family in read(Client().get(PATH).content.decode())}
    families |= {"simplr_ledger_whole"}  # told once the ledger was verified
    endings = ("_total", "_bucket", "_count", "_sum")

    def family(name: str) -> str:
        return next((name.removesuffix(end) for end in endings if name.endswith(end)), name)

    told = set(re.findall(r"simplr_[a-z_]+", MONITOR)) - {"simplr_children_"}
    watched = set(re.findall(r"simplr_[a-z_]+", ALERTS))
    assert {family(name) for name in told} == families
    assert {family(name) for name in watched} <= families
    assert len(watched) > 10


def test_an_address_that_is_none_is_refused_at_the_start() -> None:
    from simplr.config.env import SettingUnclear, read_env

    given: dict[str, Any] = {
        "SIMPLR_SECRET_KEY": "x",
        "SIMPLR_METRICS_FROM": "10.0.0.7/8",
        **{f"SIMPLR_{d}DATABASE_URL": "postgresql://a:b@c/d" for d in ("", "VAULT_", "AUDIT_")},
    }
    with pytest.raises(SettingUnclear, match="SIMPLR_METRICS_FROM"):
        read_env(given)
