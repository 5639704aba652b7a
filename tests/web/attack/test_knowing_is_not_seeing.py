"""Whoever may know that a thing is there is told its title, and nothing of what is in it.

That is an auditor, an administrator (of projects), whoever holds a grant to discover, and, of a
data set, whoever was granted one of its releases.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from tests.institute import Institute, put

from simplr.access import services as access
from simplr.resources import services as resources
from simplr_core.access import Action

As = Callable[[str], Client]


def granted(institute: Institute, node: Any, *actions: Action, to: str = "stranger") -> None:
    """The owner lets a person of the other organisation do this to a node, and nothing else."""
    access.give_grant(
        node_id=node.pk,
        to=access.Grantee(person_id=getattr(institute, to).id),
        actions=actions,
        actor=institute.actor("owner"),
    )


def test_who_may_only_know_of_a_thing_reads_no_description(institute: Institute, as_: As) -> None:
    words = "Wrought words about the file"
    for thing in (institute.file, institute.dataset):
        resources.change_resource(
            resource_id=thing.pk, changes={"description": words}, actor=institute.actor("steward")
        )
    granted(institute, institute.file, Action.DISCOVER)

    for who in ("stranger", "auditor", "colleague"):
        browser = as_(who)
        for path in (
            f"/api/v1/resources/{institute.file.pk}",
            f"/api/v1/resources/{institute.dataset.pk}",
            f"/api/v1/datasets/{institute.dataset.pk}",
            "/api/v1/resources",
            f"/files/{institute.file.pk}",
            f"/datasets/{institute.dataset.pk}",
            "/find?q=Hauling",
        ):
            said = browser.get(path, follow=True).content.decode()
            assert words not in said, (who, path)
            assert "contract.txt" not in said, (who, path)
    assert words in as_("guest").get(f"/api/v1/resources/{institute.file.pk}").content.decode()


def test_a_grantee_is_not_told_the_project(institute: Institute, as_: As) -> None:
    """It is not his to know: the title of a project may say what an institute looks into."""
    for path in (
        "/api/v1/resources",
        f"/api/v1/resources/{institute.dataset.pk}",
        f"/api/v1/datasets/{institute.dataset.pk}",
        f"/received/{institute.release.pk}",
        "/received",
        "/find?q=Sanitation",
    ):
        said = as_("colleague").get(path).content.decode()
        assert institute.project.title not in said, path
        assert institute.project.aims not in said, path


def test_an_administrator_may_know_of_a_project_and_no_more(institute: Institute, as_: As) -> None:
    for path in (f"/api/v1/projects/{institute.project.pk}", "/api/v1/projects"):
        said = as_("administrator").get(path).json()
        row = said if "id" in said else said["items"][0]
        assert row["title"] == institute.project.title
        assert (row["aims"], row["resource_count"]) == ("", None)
    found = as_("administrator").get("/api/v1/projects?q=pick-up").json()["items"]
    assert found == []
    assert as_("guest").get("/api/v1/projects?q=pick-up").json()["items"] != []


def test_the_order_of_a_list_tells_no_count(institute: Institute, as_: As) -> None:
    """An auditor knows that data sets are there, not which of them is the larger."""
    few = put(
        institute.project,
        institute.actor("steward"),
        name="few.csv",
        content=b"a,b\n1,2\n",
        title="Few",
    )
    page = f"/projects/{institute.project.slug}"

    def order(who: str, sort: str) -> list[int]:
        said = as_(who).get(f"{page}?sort={sort}").content.decode()
        places = [said.find(title) for title in (few.title, institute.dataset.title)]
        assert min(places) > 0
        return sorted(range(2), key=places.__getitem__)

    assert order("steward", "rows") != order("steward", "-rows")
    assert order("auditor", "rows") == order("auditor", "-rows")
