"""A link with a password: opened by few tries only, and telling nothing before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from simplr.access import services
from simplr.access.authentication import of_person
from simplr.access.models import Grant
from simplr.access.services import Grantee, NewGrant
from simplr.base.models import Event
from simplr_core.access import Action, NodeKind, Role

if TYPE_CHECKING:
    from tests.conftest import MakePerson


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


@pytest.fixture
def link(make_person: MakePerson) -> NewGrant:
    ada = make_person("Ada")
    assert ada.organisation_id is not None
    project = services.make_node(
        kind=NodeKind.PROJECT, parent=None, owner_id=ada.id, organisation_id=ada.organisation_id
    )
    services.give_role(
        project_id=project.id, person_id=ada.id, role=Role.OWNER, actor=of_person(ada)
    )
    resource = services.make_node(kind=NodeKind.RESOURCE, parent=project, owner_id=ada.id)
    release = services.make_node(kind=NodeKind.RELEASE, parent=resource, owner_id=ada.id)
    return services.give_grant(
        node_id=resource.id,
        release_id=release.id,
        to=Grantee(link=True, password="tell nobody"),
        actions=[Action.READ],
        until=timezone.now() + timedelta(days=1),
        actor=of_person(ada),
    )


def open_it(link: NewGrant, password: str, client: Client | None = None) -> Any:
    return (client or Client()).post(f"/l/{link.link_secret}", {"password": password})


def test_the_right_password_opens_the_shared_release(link: NewGrant) -> None:
    answer = open_it(link, "tell nobody")

    assert answer.status_code == 302
    assert answer["Location"] == f"/received/{link.grant.release_id}"
    assert Event.objects.filter(code="access:link:opened").count() == 1


def test_a_wrong_password_opens_nothing_and_is_in_the_ledger(link: NewGrant) -> None:
    assert open_it(link, "tell somebody").status_code == 403

    assert Event.objects.get(code="access:link:refused").subject_id == link.grant.id


def test_after_ten_wrong_tries_the_right_password_is_refused_too(link: NewGrant) -> None:
    statuses = [open_it(link, f"guess {n}").status_code for n in range(10)]

    assert statuses == [403] * 10
    refused = open_it(link, "tell nobody")
    assert refused.status_code == 429
    assert refused["Retry-After"]


def test_trying_many_other_names_does_not_empty_the_counter(link: NewGrant) -> None:
    """The counters share one cache: whoever fills it must not push out the one that he wants."""
    for n in range(10):
        open_it(link, f"guess {n}")

    for n in range(1200):
        cache.set(f"allauth:rl:somebody-else:{n}", [1.0], 300)

    assert open_it(link, "tell nobody").status_code == 429


def test_right_tries_do_not_use_up_the_limit(link: NewGrant) -> None:
    assert [open_it(link, "tell nobody").status_code for _ in range(12)] == [302] * 12


def test_the_password_of_a_link_in_a_header_is_bounded_in_the_same_way(link: NewGrant) -> None:
    def ask(password: str) -> int:
        headers = {
            "Authorization": f"Link {link.link_secret}",
            "Link-Password": password,
        }
        return int(Client().get("/api/v1/me", headers=headers).status_code)

    assert {ask(f"guess {n}") for n in range(10)} == {401}
    assert ask("tell nobody") == 429


def test_a_revoked_link_is_as_unknown_as_one_that_never_was(link: NewGrant) -> None:
    Grant.objects.filter(id=link.grant.id).update(
        revoked_at=timezone.now(), revoked_by=link.grant.granted_by
    )

    browser = Client(headers={"Accept": "application/json"})
    revoked = open_it(link, "tell nobody", browser)
    never = browser.post("/l/" + "x" * 43, {"password": "tell nobody"})
    assert revoked.status_code == never.status_code == 404
    assert revoked.json()["detail"] == never.json()["detail"]
    assert browser.get(f"/l/{link.link_secret}").status_code == 404


def test_looking_at_a_link_neither_opens_nor_counts(link: NewGrant) -> None:
    browser = Client()
    for _ in range(12):
        assert browser.get(f"/l/{link.link_secret}").status_code == 200

    assert not Event.objects.filter(code="access:link:opened").exists()
    assert open_it(link, "tell nobody", browser).status_code == 302
