"""How long pages and lists of a large installation take for one person at a time.

Pages that show cells are not among them: they start a child, and the large installation has no
bytes. `deliver_csv` and `stream_arrow` are about those.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from house import Requests

TIMES = 20
MOST_MS = 300.0


@dataclass(frozen=True)
class Way:
    """One page or list, and who asks for it."""

    who: str
    name: str
    address: str

    @property
    def label(self) -> str:
        return f"{self.name} ({self.who})"


WAYS = (
    Way("member", "home", "/"),
    Way("member", "home, how it was used", "/?part=used"),
    Way("member", "what waits, counted", "/bell"),
    Way("member", "projects", "/projects"),
    Way("member", "a project", "/projects/{project}"),
    Way("member", "people of a project", "/projects/{project}/people"),
    Way("member", "a folder", "/folders/{folder}"),
    Way("member", "find, nothing asked", "/find"),
    Way("member", "find, a frequent word", "/find?q=permits"),
    Way("member", "find, two words", "/find?q=tree+2011"),
    Way("member", "find, a word that is nowhere", "/find?q=zeppelin"),
    Way("member", "find data sets", "/find?q=district&kind=dataset"),
    Way("member", "a data set", "/datasets/{dataset}"),
    Way("member", "its releases", "/datasets/{dataset}/releases"),
    Way("member", "its access", "/datasets/{dataset}/access"),
    Way("member", "why", "/why/{dataset}?person={reader}"),
    Way("member", "received", "/received"),
    Way("member", "ledger", "/ledger"),
    Way("member", "ledger, this month", "/ledger?part=month"),
    Way("member", "tokens", "/account/tokens"),
    Way("member", "account", "/account/"),
    Way("member", "notices", "/notices"),
    Way("reader", "home", "/"),
    Way("reader", "find, a frequent word", "/find?q=permits"),
    Way("reader", "received", "/received"),
    Way("administrator", "home", "/"),
    Way("administrator", "projects", "/projects"),
    Way("administrator", "installation", "/installation"),
    Way("administrator", "people", "/installation/people"),
    Way("administrator", "people, a word", "/installation/people?q=Okafor"),
    Way("administrator", "organisations", "/installation/organisations"),
    Way("administrator", "licences", "/installation/licences"),
    Way("auditor", "home", "/"),
    Way("auditor", "find, a frequent word", "/find?q=permits"),
    Way("auditor", "ledger", "/ledger"),
    Way("member", "API: me", "/api/v1/me"),
    Way("member", "API: projects", "/api/v1/projects"),
    Way("member", "API: resources", "/api/v1/resources"),
    Way("member", "API: resources, a word", "/api/v1/resources?q=permits"),
    Way("member", "API: contents of a project", "/api/v1/places/{project}/contents"),
    Way("member", "API: a data set", "/api/v1/datasets/{dataset}"),
    Way("member", "API: releases", "/api/v1/datasets/{dataset}/releases"),
    Way("member", "API: grants on it", "/api/v1/resources/{dataset}/grants"),
    Way("member", "API: received", "/api/v1/grants"),
    Way("member", "API: ledger", "/api/v1/ledger"),
    Way("administrator", "API: people", "/api/v1/people"),
    Way("auditor", "API: resources", "/api/v1/resources"),
)


def places() -> dict[str, Any]:
    """What the addresses name: a project of the member with its folder, data set and release."""
    from django.db.models import Count

    from simplr.access.models import Grant, Node, RoleAssignment
    from simplr.accounts.models import Person
    from simplr.sharing.models import Release

    member = (
        Person.objects.filter(roles__role__in=["owner", "steward"])
        .annotate(n=Count("roles"))
        .order_by("-n", "id")[0]
    )
    held = RoleAssignment.objects.filter(person=member, role__in=["owner", "steward"])
    release = Release.objects.filter(resource__project_id__in=held.values("node_id")).order_by(
        "-node_id"
    )[0]
    resource = Node.objects.get(pk=release.resource_id)
    reader = (
        Person.objects.filter(roles=None).annotate(n=Count("grants")).order_by("-n", "id").first()
    )
    granted = Grant.objects.filter(node=resource, person__isnull=False)[0].person_id
    return {
        "people": {
            "member": member,
            "reader": reader or Person.objects.exclude(pk=member.pk)[0],
            "administrator": Person.objects.get(email="person1@large.example"),
            "auditor": Person.objects.get(email="person2@large.example"),
        },
        "project": release.resource.project.slug,
        "folder": resource.parent_id,
        "dataset": resource.id,
        "release": release.pk,
        "reader": granted,
    }


def credentials(person: Any) -> tuple[dict[str, str], dict[str, str]]:
    """A session's cookie, as of somebody who signed in, and a token for the API."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.utils import timezone

    from simplr.access.authentication import of_person
    from simplr.access.tokens import issue_access_token
    from simplr.accounts.sessions import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[1]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    token = issue_access_token(
        name="bench",
        scopes=[
            *("project:manage", "folder:manage", "resource:manage", "release:manage"),
            *("grant:read", "grant:manage", "person:read", "person:manage"),
            *("ledger:read", "token:read", "installation:read", "installation:manage"),
        ],
        expires_at=timezone.now() + timedelta(days=1),
        actor=of_person(person),
    )
    cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    return {"HTTP_COOKIE": cookie}, {"HTTP_AUTHORIZATION": f"Bearer {token.secret}"}


def measure(ways: tuple[Way, ...] = WAYS, *, times: int = TIMES) -> dict[str, dict[str, float]]:
    """For each: the 95th percentile and the median by the clock, processor, statements."""
    requests, found = Requests(), places()
    held = {who: credentials(person) for who, person in found["people"].items()}
    told: dict[str, dict[str, float]] = {}
    for way in ways:
        address = way.address.format(**found)
        headers = held[way.who][address.startswith("/api/")]
        for _ in range(2):
            requests.cost_of(address, headers, times=1)
        costs = [requests.cost_of(address, headers, times=1) for _ in range(times)]
        walls = [cost.wall * 1000 for cost in costs]
        told[way.label] = {
            "p95": round(statistics.quantiles(walls, n=20, method="inclusive")[-1], 1),
            "median": round(statistics.median(walls), 1),
            "processor": round(statistics.fmean(c.processor for c in costs) * 1000, 1),
            "statements": requests.statements_of(address, headers),
        }
    return told


def measured() -> dict[str, Any]:
    """The row of the benchmark: the slowest page's 95th percentile, and each page's figures."""
    from house import house
    from large import fill

    from simplr.operations.start import temporary

    with house() as folder:
        with temporary.cluster_in(folder).connect("simplr") as connection:
            connection.autocommit = True
            rows = fill(connection)
        told = measure()
    return {
        "ours": max(page["p95"] for page in told.values()),
        "theirs": None,
        "detail": {**rows, **{name: _words(page) for name, page in told.items()}},
    }


def _words(page: dict[str, float]) -> str:
    return (
        f"{page['p95']:.0f} ms (median {page['median']:.0f}, processor {page['processor']:.0f}, "
        f"{page['statements']:.0f} statements)"
    )
