"""The institute that other tests build on is what it says it is."""

from __future__ import annotations

from tests.institute import ADDRESS, NAME, ROWS, Institute

from simplr.sharing import delivery
from simplr.sharing.views_of_data import view_for


def test_the_steward_sees_every_row_and_field(institute: Institute) -> None:
    view = view_for(institute.actor("steward"), dataset_id=institute.dataset.pk)

    seen = delivery.rows_of(view, limit=100)

    assert len(seen.rows) == ROWS
    assert NAME in {row[seen.fields.index("caller_name")] for row in seen.rows}
    assert ADDRESS in {row[seen.fields.index("caller_email")] for row in seen.rows}


def test_the_colleague_sees_the_release_alone(institute: Institute) -> None:
    view = view_for(institute.actor("colleague"), dataset_id=institute.dataset.pk)

    seen = delivery.rows_of(view, limit=100)

    assert seen.fields == ["created_on", "nature", "days_open"]
    assert len(seen.rows) == ROWS // 4
