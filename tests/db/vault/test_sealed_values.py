"""Small values of columns, sealed by the real key agent of the run."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from simplr.vault import services
from simplr_core.errors import SimplrError

PROJECT = UUID(int=7)


def test_a_sealed_value_opens_in_its_own_place() -> None:
    sealed = services.seal_value(b"a plain word", project_id=PROJECT, context=b"here")

    assert b"a plain word" not in sealed
    assert services.open_value(sealed, project_id=PROJECT, context=b"here") == b"a plain word"


def test_a_sealed_value_does_not_open_in_another_place() -> None:
    sealed = services.seal_value(b"a plain word", project_id=PROJECT, context=b"here")

    with pytest.raises(SimplrError):
        services.open_value(sealed, project_id=PROJECT, context=b"there")


def test_two_projects_have_two_keys() -> None:
    first, second = (
        services.seal_value(b"same", project_id=project, context=b"here")
        for project in (PROJECT, uuid4())
    )

    assert first[:16] != second[:16]
