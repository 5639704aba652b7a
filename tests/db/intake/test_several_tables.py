"""One workbook becomes several data sets, all of them or none, beside one sealed original."""

from __future__ import annotations

import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from django.db import connections

from simplr.access.authentication import of_person
from simplr.access.services import give_role
from simplr.base.actors import Actor
from simplr.datasets import queries as datasets
from simplr.intake import keeping, queries, reports, tasks
from simplr.intake import services as intake
from simplr.intake.models import Upload
from simplr.projects.models import Project
from simplr.projects.services import create_project
from simplr.resources import erasing, trash_services
from simplr.resources.models import Resource, Version
from simplr.vault import claims
from simplr.vault import services as vault
from simplr.vault.models import SealedObject
from simplr_core.access import Role
from simplr_core.errors import Invalid, NotFound, Refused, SimplrError
from simplr_core.tidy.plans import counts_in

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

Sheets = dict[str, list[list[Any]]]
BUDGET: Sheets = {
    "Income": [["street", "amount"], *([f"Street {n}", n * 10] for n in range(30))],
    "Spending": [["ward", "cost"], ["North", 1.5], ["South", 2.5]],
    "Read me": [["This workbook was made by hand."]],
}


def workbook(sheets: Sheets) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return content.getvalue()


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


@pytest.fixture
def project(ada: Person) -> Project:
    return create_project(title="Budgets", actor=of_person(ada))


def understood(project: Project, ada: Person, sheets: Sheets, **declared: Any) -> Upload:
    content = workbook(sheets)
    upload = intake.receive(
        project_id=project.pk,
        declared=intake.Declared(name="budget.xlsx", size=len(content), **declared),
        body=io.BytesIO(content),
        actor=of_person(ada),
    )
    tasks.understand(str(upload.id))
    return Upload.objects.get(pk=upload.id)


def kept(upload: Upload, ada: Person, choices: dict[str, Any]) -> Upload:
    intake.keep(upload_id=upload.id, choices=choices, actor=of_person(ada))
    tasks.keep(str(upload.id), str(ada.pk))
    found = Upload.objects.get(pk=upload.id)
    assert (found.state, found.error_code) == ("kept", "")
    return found


def test_every_sheet_with_a_table_becomes_a_data_set(project: Project, ada: Person) -> None:
    upload = kept(understood(project, ada, BUDGET), ada, {})

    titles = {row.title: row for row in Resource.objects.all()}
    assert sorted(titles) == ["budget: Income", "budget: Spending"]
    versions = list(Version.objects.order_by("node_id"))
    assert [(v.table_path, v.rows_kept) for v in versions] == [(["Income"], 30), (["Spending"], 2)]
    assert {v.original_id for v in versions} == {upload.object_id}
    names = [[field.name for field in datasets.fields_of(version)] for version in versions]
    assert names == [["street", "amount"], ["ward", "cost"]]
    results = queries.results_of([upload], actor=of_person(ada))[upload.id]
    assert [one["table_path"] for one in results] == [["Income"], ["Spending"]]
    left = SealedObject.objects.filter(erased_at=None)
    assert {row.id for row in left} == claims.claimed(row.id for row in left)


def test_the_steward_chooses_corrects_and_names(project: Project, ada: Person) -> None:
    upload = understood(project, ada, BUDGET)

    change = {"name": "cost", "new_name": "euro", "personal": "indirect"}
    kept(upload, ada, {"tables": [{"table": 1, "title": "Costs", "fields": [change]}]})

    assert [row.title for row in Resource.objects.all()] == ["Costs"]
    fields = datasets.fields_of(Version.objects.get())
    assert [(field.name, field.personal) for field in fields][1] == ("euro", "indirect")


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ({"tables": []}, "table-unknown"),
        ({"tables": [{"table": 2}]}, "table-unknown"),
        ({"tables": [{"table": 0}, {"table": 0}]}, "table-unknown"),
        ({"fields": [{"name": "cost", "type": "text"}]}, "table-unsaid"),
        ({"tables": [{"table": 0, "fields": [{"name": "cost", "type": "text"}]}]}, "invalid"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_at_once(
    project: Project, ada: Person, choices: dict[str, Any], code: str
) -> None:
    upload = understood(project, ada, BUDGET)

    with pytest.raises(Invalid) as refused:
        intake.keep(upload_id=upload.id, choices=choices, actor=of_person(ada))

    assert refused.value.code == code
    assert Upload.objects.get().state == "understood"


def test_the_next_version_is_the_sheet_of_last_time(project: Project, ada: Person) -> None:
    kept(understood(project, ada, BUDGET), ada, {"tables": [{"table": 1}]})
    costs = Resource.objects.get()

    more = {**BUDGET, "Spending": [*BUDGET["Spending"], ["East", 3.5]]}
    kept(understood(project, ada, more, resource_id=costs.pk), ada, {})

    assert Resource.objects.count() == 1
    versions = Version.objects.order_by("number")
    assert [(v.table_path, v.rows_kept) for v in versions] == [(["Spending"], 2), (["Spending"], 3)]


def test_a_version_of_a_data_set_is_one_table(project: Project, ada: Person) -> None:
    kept(understood(project, ada, BUDGET), ada, {"tables": [{"table": 1}]})
    upload = understood(project, ada, BUDGET, resource_id=Resource.objects.get().pk)

    with pytest.raises(Invalid):
        intake.keep(
            upload_id=upload.id,
            choices={"tables": [{"table": 0}, {"table": 1}]},
            actor=of_person(ada),
        )


def test_all_tables_are_kept_or_none(
    project: Project, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = understood(project, ada, BUDGET)
    intake.keep(upload_id=upload.id, choices={}, actor=of_person(ada))
    first = keeping._seal_table

    def fail_at_the_second(row: Upload, number: int, *rest: Any, **named: Any) -> Any:
        if number:
            raise Invalid("The second sheet is no good.")
        return first(row, number, *rest, **named)

    monkeypatch.setattr(keeping, "_seal_table", fail_at_the_second)
    tasks.keep(str(upload.id), str(ada.pk))

    assert Upload.objects.get().state == "failed"
    assert (Resource.objects.count(), Version.objects.count()) == (0, 0)
    left = SealedObject.objects.filter(erased_at=None)
    assert {row.kind for row in left} <= {"original", "report"}  # erased on commit
    assert Project.objects.get(pk=project.pk).used_bytes == 0


def test_each_table_shows_its_own_rows(project: Project, ada: Person) -> None:
    upload = understood(project, ada, BUDGET)
    actor = of_person(ada)

    everything = reports.understanding_of(upload, personal=True, actor=actor)
    second = reports.understanding_of(upload, personal=True, actor=actor, table=1)

    assert [table["name"] for table in everything["tables"]] == ["Income", "Spending"]
    assert "sample" not in everything
    assert second["sample"]["rows"] == [["North", "1.5"], ["South", "2.5"]]
    assert counts_in(upload.understanding)["in"] == 32
    with pytest.raises(NotFound):
        reports.understanding_of(upload, personal=True, actor=actor, table=2)


def test_a_workbook_with_one_table_is_one_data_set(project: Project, ada: Person) -> None:
    sheets = {name: BUDGET[name] for name in ("Income", "Read me")}
    kept(understood(project, ada, sheets), ada, {"fields": [{"name": "amount", "type": "text"}]})

    version = Version.objects.get()
    assert (version.resource.title, version.table_path) == ("budget", ["Income"])
    assert version.media_type.endswith("spreadsheetml.sheet")


def test_a_workbook_kept_as_a_file_stays_one(project: Project, ada: Person) -> None:
    kept(understood(project, ada, BUDGET), ada, {"as": "file"})

    assert [row.kind for row in Resource.objects.all()] == ["file"]


def test_the_original_goes_with_the_last_data_set_made_of_it(project: Project, ada: Person) -> None:
    upload = kept(understood(project, ada, BUDGET), ada, {})
    actor = of_person(ada)
    income, spending = Resource.objects.order_by("node_id")
    size = upload.size
    assert upload.object_id is not None

    erase(spending, actor)

    upload.refresh_from_db()
    assert upload.report_id is None  # its sample had rows of what was erased
    assert Project.objects.get(pk=project.pk).used_bytes == size
    assert vault.open_object(upload.object_id)
    assert Version.objects.get().resource_id == income.pk

    erase(income, actor)

    assert Project.objects.get(pk=project.pk).used_bytes == 0
    with pytest.raises(SimplrError):
        vault.open_object(upload.object_id)
    assert not Upload.objects.exists()


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_two_erasures_at_once_do_not_leave_the_original_to_each_other(
    project: Project, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(understood(project, ada, BUDGET), ada, {})
    actor, resources = of_person(ada), list(Resource.objects.filter(project=project))
    original = Version.objects.get(resource=resources[0]).original_id
    for resource in resources:
        trash_services.put_in_trash(node_id=resource.pk, actor=actor)
        trash_services.order_erasure(node_id=resource.pk, actor=actor)
    together, forget = threading.Barrier(2), erasing.forget
    destroy_keys = vault.destroy_keys

    def begin_together(ids: Any) -> int:
        together.wait(timeout=30)
        return destroy_keys(ids)

    def forget_slowly(ids: Any) -> None:
        time.sleep(0.5)
        forget(ids)

    monkeypatch.setattr(vault, "destroy_keys", begin_together)
    monkeypatch.setattr(erasing, "forget", forget_slowly)

    def erase_in_a_thread(resource: Resource) -> None:
        try:
            trash_services.erase(node_id=resource.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(erase_in_a_thread, resources))

    assert SealedObject.objects.get(id=original).wrapped is None
    assert Project.objects.get(pk=project.pk).used_bytes == 0


def erase(resource: Resource, actor: Actor) -> None:
    trash_services.put_in_trash(node_id=resource.pk, actor=actor)
    trash_services.order_erasure(node_id=resource.pk, actor=actor)
    trash_services.erase(node_id=resource.pk)


def test_only_who_sees_a_personal_field_takes_its_mark_off_in_any_table(
    project: Project, ada: Person, make_person: MakePerson
) -> None:
    people = {"Who": [["name", "email"], ["Ada B", "ada@x.example"], ["Bob C", "bob@x.example"]]}
    upload = understood(project, ada, {**BUDGET, **people})
    analyst = make_person("Bea")
    give_role(project_id=project.pk, person_id=analyst.pk, role=Role.ANALYST, actor=of_person(ada))
    off = {"table": 2, "fields": [{"name": "email", "personal": "none"}]}

    with pytest.raises(Refused):
        intake.keep(upload_id=upload.id, choices={"tables": [off]}, actor=of_person(analyst))
