"""Row 52: unusual access is noticed within a minute, by a real worker, of real requests.

Somebody who never read anything asks for a large file again and again, and for many things that are
not there. The administrator is told while it goes on.
"""

from __future__ import annotations

import io
import json
import secrets
import time
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.installation import Installation

LARGE = 48 << 20
TIMES = 70
"""Ten times what somebody new may read in a day, without being noticed."""
WITHIN_SECONDS = 60


@pytest.fixture(scope="module")
def large_file(installation: Installation) -> str:
    """A large file of a project of its own."""
    steward = installation.as_("steward").session
    project = steward.create_project("Aerial pictures")
    content = io.BytesIO(secrets.token_bytes(LARGE))
    return steward.put(content, project=project.id, name="pictures.bin", as_="file").id


def alerts_about(installation: Installation, token: str) -> list[dict[str, Any]]:
    found = installation.as_("administrator").session.alerts()
    return [alert for alert in found if alert["token"] == token]


def test_a_mass_download_is_an_alert_within_a_minute(
    installation: Installation, large_file: str
) -> None:
    thief = installation.record.session("steward", "taken along")
    token = str(thief.session.me()["token"]["id"])
    headers = {"Authorization": f"Bearer {thief.token}"}
    with httpx.Client(base_url=installation.url, headers=headers, timeout=60) as client:
        for _ in range(TIMES):
            with client.stream("GET", f"/api/v1/resources/{large_file}/content") as answer:
                assert answer.status_code == 200
                next(answer.iter_raw(1024))
    ended = time.monotonic()
    while not (found := alerts_about(installation, token)):
        assert time.monotonic() - ended < WITHIN_SECONDS
        time.sleep(0.5)
    (alert,) = found
    noticed = _time(alert["raised_at"]) - _time(alert["at"])

    assert noticed.total_seconds() < WITHIN_SECONDS
    assert alert["parts"][0]["kind"] == "volume"
    assert alert["why"][0].startswith("read ")


def test_an_enumeration_is_an_alert_which_is_shown_and_dismissed_by_command(
    installation: Installation,
) -> None:
    thief = installation.record.session("analyst", "guessing")
    token = str(thief.session.me()["token"]["id"])
    headers = {"Authorization": f"Bearer {thief.token}"}
    with httpx.Client(base_url=installation.url, headers=headers, timeout=60) as client:
        for _ in range(200):
            assert client.get(f"/api/v1/datasets/{uuid4()}").status_code == 404
    ended = time.monotonic()
    while not (found := alerts_about(installation, token)):
        assert time.monotonic() - ended < WITHIN_SECONDS
        time.sleep(0.5)

    listed = installation.simplr("administrator", "alerts", "list", "--state", "open")
    shown = installation.simplr("administrator", "alerts", "show", found[0]["id"])
    dismissed = json.loads(
        installation.simplr("administrator", "alerts", "dismiss", found[0]["id"], "--json").stdout
    )

    assert found[0]["id"] in listed.stdout
    assert "things that are not there or not allowed" in shown.stdout
    assert dismissed["state"] == "dismissed"
    assert installation.simplr("administrator", "alerts").returncode == 0


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
