"""The unit of a field: said by the file, carried on by the dictionary, never mixed with another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.db.intake.keeping import kept, put

from simplr.access.authentication import of_person
from simplr.datasets import dictionary_services
from simplr.datasets import queries as datasets
from simplr.intake.models import Upload
from simplr.projects.models import Project
from simplr.projects.services import create_project
from simplr.resources.models import Version
from simplr.sharing.recipes import recipe_of
from simplr_core.tidy.fitting import FieldsDiffer, UnitsDiffer

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

EUROS = "Street,Fee,Share\n" + "".join(f'S{n},"{n},50 €",{n} %\n' for n in range(1, 90))


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


@pytest.fixture
def project(ada: Person) -> Project:
    return create_project(title="Fees", actor=of_person(ada))


def units_of(version: Version) -> dict[str, str]:
    return {field.name: field.unit for field in datasets.fields_of(version)}


def test_the_unit_of_a_column_is_said_of_its_field_and_followed_for_the_next_file(
    project: Project, ada: Person
) -> None:
    first = kept(put(project, ada, EUROS + 'S90,"5,00 $",1 %\n'), ada)
    second = kept(put(project, ada, EUROS, first.resource_id), ada)

    assert units_of(first) == units_of(second) == {"street": "", "fee": "EUR", "share": "%"}
    assert (first.rows_in, first.rows_kept, first.cells_quarantined) == (90, 90, 1)
    steps = recipe_of(dataset_id=first.resource_id, version="1", actor=of_person(ada))["steps"]
    types = {step["field"]: step for step in steps if step["kind"] == "type"}
    assert (types["fee"]["format"], types["fee"]["changes"]) == ("1,5 EUR", 1)


def test_what_a_person_said_of_the_unit_is_carried_on_while_the_file_says_the_same(
    project: Project, ada: Person
) -> None:
    first = kept(put(project, ada, EUROS), ada)
    dictionary_services.change_field(
        version=first, name="fee", changes={"unit": "EUR of 2020"}, actor=of_person(ada)
    )

    same = kept(put(project, ada, EUROS, first.resource_id), ada)
    other = kept(put(project, ada, EUROS.replace("€", "CHF"), first.resource_id), ada)

    assert (units_of(same)["fee"], units_of(other)["fee"]) == ("EUR of 2020", "CHF")
    assert {one["code"] for one in Upload.objects.get(version_id=other.pk).understanding["misfits"]}


def test_rows_in_another_currency_are_not_added(project: Project, ada: Person) -> None:
    first = kept(put(project, ada, EUROS), ada)
    upload = put(project, ada, EUROS.replace("€", "CHF"), first.resource_id)

    for widen, reason in ((False, FieldsDiffer), (True, UnitsDiffer)):
        with pytest.raises(reason):
            kept(upload, ada, mode="append", widen=widen)
