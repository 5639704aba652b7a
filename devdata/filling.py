"""Filling an empty installation: people, projects, real open data, shares, and things that ended."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import simplr_client
from devdata import open_data, papers
from devdata.browser import Browser
from devdata.people import CITY, UNIVERSITY, Playing, Record, role
from devdata.telling import Teller, must

MEANINGS = {
    "dep_delay": "Minutes late at departure; negative when early.",
    "arr_delay": "Minutes late at arrival; negative when early.",
    "carrier": "Airline, two letters: see the table of airlines.",
    "origin": "Airport of departure: EWR, JFK or LGA.",
    "distance": "Miles between the airports.",
    "time_hour": "Scheduled hour of departure.",
}


def fill(order: dict[str, Any], *, record_path: Path, folder: Path, tell: Teller) -> Record:
    """Make the institute. The record is written at the end: only what is whole is there."""
    record = Record(url=order["url"])
    tell.part("The institute")
    university = let_people_in(record, signin=order["signin"], tell=tell)
    owner = record.session("owner", "filling")
    try:
        _projects(record, owner, tell)
        _flights(record, owner.session, folder, tell, university=university)
        _meals(record, owner.session, folder, tell)
        _endings(record, owner, tell)
    finally:
        owner.session.close()
    record.write(record_path)
    return record


def let_people_in(record: Record, *, signin: str, tell: Teller) -> str:
    """The first administrator, the other organisation, everybody. Returns the university's id."""
    administrator = _begin(record, signin, tell)
    with administrator.session:
        return _let_in(record, administrator, tell)


def _begin(record: Record, signin: str, tell: Teller) -> Playing:
    """The first administrator opens the one-time link and says who she is."""
    first = role("administrator")
    with tell.step(f"{first.name} opens the one-time link and becomes the administrator"):
        with Browser(record.url) as browser:
            browser.send(
                signin,
                name=first.name,
                email=first.email,
                organisation=CITY,
                password=record.new_password("administrator"),
                then="password",
            )
        playing = record.session("administrator", "filling")
        must(playing.session.me()["administrator"] is True, "she is the administrator")
    return playing


def _let_in(record: Record, administrator: Playing, tell: Teller) -> str:
    """Everybody else comes in by an invitation. Returns the id of the university."""
    session = administrator.session
    with tell.step(f"{UNIVERSITY} is let in by a licence"):
        university = session.create_organisation(UNIVERSITY)
        session.issue_licence(
            organisation=university["id"], expires_at=datetime.now(UTC) + timedelta(days=365)
        )
    homes = {one["name"]: one["id"] for one in session.organisations()}
    invited = ("owner", "steward", "analyst", "viewer", "guest", "auditor", "colleague")
    with tell.step("Everybody accepts an invitation and chooses a password") as figures:
        for key in (*invited, "researcher"):
            who = role(key)
            made = session.invite(who.email, organisation=homes[who.organisation], name=who.name)
            with Browser(record.url) as browser:
                browser.send(
                    made["url"],
                    name=who.name,
                    password=record.new_password(key),
                    then="password",
                )
        people = {one["email"]: one["id"] for one in session.people()}
        session.change_person(people[role("auditor").email], auditor=True)
        figures["people"] = len(people)
    group = session.create_group("Researchers of Lakeside", organisation=homes[UNIVERSITY])
    for key in ("colleague", "researcher"):
        session.add_to_group(group["id"], role(key).email)
    return homes[UNIVERSITY]


def _projects(record: Record, owner: Playing, tell: Teller) -> None:
    wanted = {
        "streets": ("Clean streets", "Answer every complaint within ten days."),
        "airports": ("Airport punctuality", "Know when the shuttle bus waits in vain."),
        "meals": ("School meals", "Throw less food away."),
    }
    members = {
        "streets": ("steward", "analyst", "viewer", "guest"),
        "airports": ("analyst", "viewer"),
        "meals": ("steward", "viewer", "researcher"),
    }
    with tell.step("Ruth Adeyemi makes three projects and gives roles") as figures:
        given = 0
        for key, (title, aims) in wanted.items():
            project = owner.session.create_project(title, slug=key, aims=aims)
            record.projects[key] = project.id
            for member in members[key]:
                as_role = "guest" if member == "researcher" else member
                project.add_member(role(member).email, role=as_role)
                given += 1
        figures |= {"projects": len(wanted), "roles": given}


def _flights(
    record: Record,
    session: simplr_client.Session,
    folder: Path,
    tell: Teller,
    *,
    university: str,
) -> None:
    files = open_data.unpack(folder)
    for name, path in files.items():
        counted = open_data.rows_in(path)
        with tell.step(f"{name}.csv is put, typed, profiled and sealed") as figures:
            kept = session.put(path, project=record.projects["airports"], title=_title(name))
            must(kept.data["row_count"] == counted, f"{name} has {counted} rows")
            figures |= {"rows": counted, "bytes": path.stat().st_size}
        record.resources[name] = kept.id
        kept.change(description=open_data.SOURCE, classification="public")
    flights = session.dataset(record.resources["flights"])
    for field, meaning in MEANINGS.items():
        flights.change_field(field, meaning=meaning)
    with tell.step("January is released to the university, by airline, for 90 days") as figures:
        release = flights.create_release(
            "Departures of January 2013",
            fields=["carrier", "origin", "dest", "dep_delay", "time_hour"],
            where="month = 1",
        )
        session.grant(
            flights.id,
            {"organisation": university},
            release=release.id,
            until=datetime.now(UTC) + timedelta(days=90),
        )
        figures["rows"] = release.data["row_count"]


def _title(name: str) -> str:
    return {
        "flights": "Flights from New York, 2013",
        "weather": "Weather at the airports, by the hour",
        "planes": "Planes",
        "airports": "Airports",
        "airlines": "Airlines",
    }[name]


def _meals(record: Record, session: simplr_client.Session, folder: Path, tell: Teller) -> None:
    files = {
        "meals.csv": papers.meals(),
        "hauling-contract.txt": papers.contract(),
        "wards.png": papers.map_image(),
    }
    with tell.step(
        "A table in Latin-1 with commas in its numbers, a text and a picture"
    ) as figures:
        for name, content in files.items():
            (folder / name).write_bytes(content)
            project = record.projects["meals" if name == "meals.csv" else "streets"]
            record.resources[name] = session.put(folder / name, project=project).id
        meals = session.dataset(record.resources["meals.csv"])
        figures["rows"] = meals.data["row_count"]
    with tell.step("A link with a password shows meals by the month, and nothing of schools"):
        release = meals.create_release(
            "Meals by month",
            fields=[
                {"name": "day", "mask": {"kind": "truncate-date", "to": "month"}},
                "meals_served",
                "vegetarian",
            ],
        )
        password = secrets.token_urlsafe(12)
        made = meals.grant(
            "link",
            release=release.id,
            until=datetime.now(UTC) + timedelta(days=30),
            link_password=password,
        )
        with simplr_client.connect(link=made["link_url"], link_password=password) as visitor:
            seen = visitor.dataset(meals.id).to_arrow(limit=10)
            must(seen.column_names == ["day", "meals_served", "vegetarian"], "three fields only")


def _endings(record: Record, owner: Playing, tell: Teller) -> None:
    """Things that were and are over: a revoked grant, a revoked token."""
    with tell.step("A grant and a token that were revoked again"):
        meals = owner.session.dataset(record.resources["meals.csv"])
        release = meals.releases()[0]
        made = meals.grant(
            role("researcher").email,
            release=release.id,
            until=datetime.now(UTC) + timedelta(days=7),
        )
        owner.session.revoke(made["id"])
        token = owner.session.create_token(
            "nightly copy of the meals",
            scopes=["resource:download"],
            # No longer than the token that asks for it.
            expires_at=datetime.now(UTC) + timedelta(hours=12),
        )
        owner.session.revoke_token(token["id"])
