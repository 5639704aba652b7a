"""What administrators see of the store, its keys and its backups: nothing yet, well, and damaged."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from tests.conftest import MakePerson

from simplr.base import events
from simplr.base.actors import SYSTEM
from simplr.vault.models import ProjectKey, SealedObject


@pytest.fixture
def administrator(client: Client, make_person: MakePerson) -> Client:
    client.force_login(make_person("Ada", administrator=True))
    SealedObject.objects.all().delete()
    return client


def page(client: Client) -> str:
    return client.get("/installation").content.decode()


def kept(**facts: object) -> SealedObject:
    key = ProjectKey.objects.create(project_id="01a21994-d7bd-7c1d-b449-8190fbb00260")
    now = timezone.now()
    return SealedObject.objects.create(
        project_key=key,
        kind="original",
        context=b"",
        wrapped=b"w",
        header=b"h",
        size=1,
        sealed_size=1,
        stored_at=now,
        confirmed_at=now,
        **facts,
    )


def test_an_empty_installation_says_nothing_of_objects_and_asks_for_a_backup(
    administrator: Client,
) -> None:
    shown = page(administrator)

    assert "stored object" not in shown
    assert "No backup was taken yet" in shown
    assert "simplr backup PLACE" in shown


def test_damaged_objects_stand_first_with_what_to_do(administrator: Client) -> None:
    kept(damaged_at=timezone.now(), checked_at=timezone.now())

    shown = page(administrator)

    assert "1 stored object is missing or changed" in shown
    assert shown.index("Stored objects are damaged") < shown.index("No backup was taken yet")
    assert "simplr objects check" in shown


def test_what_was_checked_is_said_to_be_whole(administrator: Client) -> None:
    kept(checked_at=timezone.now())
    assert "Every stored object is whole" in page(administrator)

    SealedObject.objects.update(checked_at=None)
    assert "1 stored object was not opened and compared" in page(administrator)


def test_a_backup_is_named_and_an_old_one_is_asked_to_be_renewed(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = timezone.now() - timedelta(days=9)
    with monkeypatch.context() as past, transaction.atomic():
        past.setattr(timezone, "now", lambda: long_ago)
        events.record(code=events.Event.BACKUP_TAKEN, actor=SYSTEM)
    assert "The newest backup is old" in page(administrator)

    with transaction.atomic():
        events.record(code=events.Event.BACKUP_TAKEN, actor=SYSTEM)
    assert "There is a backup" in page(administrator)
