"""What token and decision cost: an endpoint behind both, over the same answer that nobody guards."""

from __future__ import annotations

import statistics
from datetime import timedelta
from typing import Any
from uuid import UUID

from house import Cost, Requests, house

ROUNDS, TIMES = 7, 300


MOST_MS = 2.0
MOST_OVER_BARE = 9.0
MOST_STATEMENTS = 2


def measure() -> dict[str, Any]:
    """Milliseconds of processor that token and decision add to the bare request, over it.

    Interleaved, medians; the database's process counts too. A row of it may cost 2 ms, or nine times
    the bare request of the same run, and two statements.
    """
    with house(urlconf="permission_urls"):
        secret, node = _a_person_with_a_grant()
        requests = Requests()
        guarded = (
            f"/api/v1/bench/guarded/{node}",
            {"HTTP_AUTHORIZATION": f"Bearer {secret}"},
        )
        ways: dict[str, tuple[str, dict[str, str]]] = {
            "bare": (f"/api/v1/bench/bare/{node}", {}),
            "guarded": guarded,
        }
        for address, headers in ways.values():
            requests.cost_of(address, headers, times=TIMES)
        costs: dict[str, list[Cost]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, (address, headers) in ways.items():
                costs[name].append(requests.cost_of(address, headers, times=TIMES))
        statements = requests.statements_of(*guarded)
    if statements > MOST_STATEMENTS:
        raise SystemExit(f"a request asks {statements} statements, {MOST_STATEMENTS} are allowed")

    def of(name: str, part: str) -> float:
        return statistics.median(getattr(cost, part) for cost in costs[name]) * 1000

    bare = of("bare", "processor")
    return {
        "ours": of("guarded", "processor") - bare,
        "theirs": bare,
        "limit": max(MOST_OVER_BARE, MOST_MS / bare),
        "detail": {
            "statements": statements,
            "guarded, ms in the server": round(of("guarded", "web"), 2),
            "guarded, ms in the database": round(of("guarded", "database"), 2),
            "guarded, ms by the clock": round(of("guarded", "wall"), 2),
            "bare, ms by the clock": round(of("bare", "wall"), 2),
        },
    }


def _a_person_with_a_grant() -> tuple[str, UUID]:
    """A token of somebody to whom a resource, three folders deep, was granted through a group."""
    from django.utils import timezone

    from simplr.access.authentication import of_person
    from simplr.access.models import Grant, Node
    from simplr.access.tokens import issue_access_token
    from simplr.accounts.models import Group, GroupMembership, Organisation, Person
    from simplr.base.actors import SYSTEM
    from simplr.base.ids import new_id
    from simplr.licensing.services import issue_licence

    now = timezone.now()
    home = Organisation.objects.create(name="Home")
    issue_licence(actor=SYSTEM, organisation=home)
    owner, reader = (
        Person.objects.create_user(email=f"{name}@x.example", name=name, organisation=home)
        for name in ("owner", "reader")
    )
    above: Any = None
    for kind in ("project", "folder", "folder", "folder", "resource"):
        id_ = new_id()
        above = Node.objects.create(
            id=id_,
            kind=kind,
            organisation=home,
            owner=owner,
            parent=above,
            project_id=above.path[0] if above else None,
            path=[*(above.path if above else []), id_],
        )
    group = Group.objects.create(name="Readers", organisation=home)
    GroupMembership.objects.create(group=group, person=reader)
    Grant.objects.create(
        node=above, group=group, granted_by=owner, granted_at=now, actions=["read", "download"]
    )
    token = issue_access_token(
        name="bench",
        scopes=["resource:read"],
        expires_at=now + timedelta(days=1),
        actor=of_person(reader),
    )
    return token.secret, above.id
