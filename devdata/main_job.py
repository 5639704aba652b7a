"""The main job: a file becomes a protected data set that somebody else may safely read."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

import simplr_client
from devdata import complaints, papers
from devdata.browser import Browser, read
from devdata.people import Playing, Record, role
from devdata.telling import Teller, must
from simplr_client import NotFound, Refused

YEAR = 2024
SHOWN = ["case_number", "received_on", "nature", "ward", "days_open"]
PERSONAL = ("case_number", "caller_name", "caller_phone", "caller_email", "caller_born")
PATIENCE = 1.0
"""Seconds after which nobody reads by a revoked grant."""


@dataclass
class Seen:
    """Every byte and value that came to the colleague."""

    raw: list[str] = field(default_factory=list)

    def holds_none_of(self, values: set[str]) -> bool:
        """Whether none of these values is anywhere in what he was sent."""
        everything = "\n".join(self.raw)
        return not any(value in everything for value in values)


def run(record: Record, *, folder: Path, tell: Teller) -> dict[str, Any]:
    """Play it, step by step. Returns what a program may want to go on with."""
    tell.part("The main job")
    steward = record.session("steward", "main job")
    colleague = record.session("colleague", "main job")
    try:
        return _play(record, steward, colleague, folder, tell)
    finally:
        steward.session.close()
        colleague.session.close()


def _play(
    record: Record, steward: Playing, colleague: Playing, folder: Path, tell: Teller
) -> dict[str, Any]:
    file = complaints.content()
    dataset = _put(record, steward.session, folder, file, tell)
    release = _release(dataset, tell, rows=len(complaints.expected(file, year=YEAR)))
    with tell.step(f"She grants it to {role('colleague').name} until Friday") as figures:
        until = _friday()
        grant = dataset.grant(role("colleague").email, release=release.id, until=until)
        figures["until"] = f"{until:%A %H:%M}"
    with record.browser("colleague") as browser:
        seen = _read(colleague, browser, dataset.id, release.id, folder, file, tell)
        with tell.step(
            "Nothing else came to him: no name, phone, address or true number"
        ) as figures:
            hidden = complaints.secrets_of(file)
            must(seen.holds_none_of(hidden), "nothing that the release hides was sent")
            figures["values looked for"] = len(hidden)
        _revoke(steward.session, colleague, browser, dataset.id, release.id, grant["id"], tell)
    _ledger(record, steward.session, dataset.id, tell)
    return {"dataset": dataset.id, "release": release.id}


def _put(
    record: Record,
    session: simplr_client.Session,
    folder: Path,
    file: bytes,
    tell: Teller,
) -> simplr_client.Dataset:
    contents = {
        "residents-complaints.csv": file,
        "streets.csv": papers.streets(),
        "round-plan.pdf": papers.plan(),
    }
    with tell.step("Mara Lind puts three files") as figures:
        uploads = {}
        for name, content in contents.items():
            (folder / name).write_bytes(content)
            uploads[name] = session.upload(folder / name, project=record.projects["streets"])
        figures |= {"files": len(uploads), "bytes": sum(len(one) for one in contents.values())}
    upload = uploads["residents-complaints.csv"]
    in_file, ragged, never = complaints.counted(file)
    with tell.step("She looks at what was understood") as figures:
        known = upload.understanding()
        types = {one["name"]: one["type"] for one in known["fields"]}
        personal = [one["name"] for one in known["fields"] if one["personal"] == "personal"]
        must(types["received_on"] == "date", "days are recognised as days")
        must(types["case_number"] == "text", "numbers with leading zeros stay text")
        must(set(PERSONAL) <= set(personal), "what is about persons is marked")
        must(known["counts"]["in"] == in_file, f"the file has {in_file} rows")
        figures |= {"fields": len(types), "about persons": len(personal)}
    with tell.step("She corrects one type before it is kept: a team is a name, not a number"):
        overrides = [{"name": "team", "type": "category"}]
        for name, one in uploads.items():
            one.keep(overrides=overrides if one is upload else [], title=_title(name))
        for one in uploads.values():
            one.wait()
    dataset = session.dataset(upload.resource().id)
    with tell.step("She reads the profile and what was put aside") as figures:
        about = dataset.describe()
        types = {one["name"]: one["type"] for one in about["fields"]}
        must(types["team"] == "category", "the corrected type was kept")
        must(about["rows_in"] == about["row_count"] + about["rows_quarantined"], "in = out + aside")
        must(about["rows_quarantined"] == ragged, f"{ragged} rows had a wrong number of cells")
        must(about["cells_quarantined"] == never, f"{never} days never were")
        aside = list(dataset.quarantine())
        must(len(aside) == ragged + never, "each has its reason")
        must(set(dataset.profile()) == set(types), "every field has its profile")
        figures |= {
            "in": in_file,
            "kept": about["row_count"],
            "rows aside": ragged,
            "cells aside": never,
        }
    return dataset


def _title(name: str) -> str:
    return name.rsplit(".", 1)[0].replace("-", " ").capitalize()


def _release(dataset: simplr_client.Dataset, tell: Teller, *, rows: int) -> simplr_client.Release:
    asked: dict[str, Any] = {
        "fields": [
            {"name": "case_number", "mask": {"kind": "pseudonym"}},
            *SHOWN[1:],
            {"name": "caller_name", "mask": {"kind": "hide"}},
        ],
        "where": f"received_on >= '{YEAR}-01-01' AND received_on < '{YEAR + 1}-01-01'",
    }
    with tell.step("She sees it as he will see it") as figures:
        shown = dataset.preview_release(**asked)
        must(shown["fields"] == SHOWN, "the preview shows five fields")
        must(shown["row_count"] == rows, f"the preview counts {rows} rows")
        figures |= {"fields": len(SHOWN), "of": len(complaints.FIELDS), "rows": rows}
    with tell.step(f"She makes the release: {YEAR}, names hidden, the number pseudonymised"):
        release = dataset.create_release(f"Complaints of {YEAR}", **asked)
        must(release.data["row_count"] == rows, f"the release has {rows} rows")
    return release


def _read(
    colleague: Playing,
    browser: Browser,
    dataset_id: str,
    release_id: str,
    folder: Path,
    file: bytes,
    tell: Teller,
) -> Seen:
    seen = Seen()
    truth = complaints.expected(file, year=YEAR)
    with tell.step("He reads it on the page") as figures:
        page = browser.open(f"/received/{release_id}")
        must(page.status_code == 200, f"the page is there, not {page.status_code}")
        seen.raw.append(page.text)
        # A masked field says so beside its name.
        names = [name if name != SHOWN[0] else f"{name} masked" for name in SHOWN]
        tables = [one for one in read(page.text).tables if one and one[0] == names]
        must(len(tables) == 1, "the page shows a table of the five fields")
        shown = tables[0][1:]
        must([row[2] for row in shown] == [one[2] for one in truth[: len(shown)]], "the same rows")
        figures["rows shown"] = len(shown)
    target = folder / f"for-{release_id}.csv"
    with tell.step("He fetches it by simplr get") as figures:
        _simplr(colleague, "get", dataset_id, "--release", release_id, "-o", str(target))
        seen.raw.append(target.read_text(encoding="utf-8"))
        lines = list(csv.reader(io.StringIO(seen.raw[-1], newline="")))
        must(lines[0] == SHOWN, "the file has five fields")
        figures["rows"] = len(lines) - 1
    with tell.step("He opens it in Python: Arrow, pandas, polars") as figures:
        dataset = colleague.session.dataset(dataset_id)
        table = dataset.to_arrow()
        frame = dataset.to_pandas(release=release_id)
        polar = dataset.to_polars(release=release_id)
        seen.raw += [str(table.to_pylist()), frame.to_csv(), polar.write_csv()]
        figures["rows"] = table.num_rows
        must(table.column_names == SHOWN, "the table has five fields")
        found = table.to_pylist()
        must(
            [tuple(row[n] for n in SHOWN[1:]) for row in found] == [one[1:] for one in truth],
            ("exactly the rows of that year"),
        )
        _pseudonyms_hold(truth, [row["case_number"] for row in found])
        must(polar.to_dicts() == found, "polars holds what Arrow holds")
        must(_plain(frame) == found, "pandas holds what Arrow holds")
        must(_of_csv(lines[1:]) == found, "the file holds what Arrow holds")
    return seen


def _pseudonyms_hold(truth: list[Any], pseudonyms: list[str]) -> None:
    pairs = set(zip((one[0] for one in truth), pseudonyms, strict=True))
    must(len(pairs) == len({true for true, _ in pairs}), "one number has one pseudonym")
    must(len(pairs) == len({said for _, said in pairs}), "one pseudonym stands for one number")


def _plain(frame: Any) -> list[dict[str, Any]]:
    """The rows of a data frame as Python says them."""
    rows: list[dict[str, Any]] = frame.astype(object).to_dict(orient="records")
    for row in rows:
        row["received_on"] = row["received_on"].date()
        days = row["days_open"]
        row["days_open"] = int(days) if isinstance(days, int) else None
    return rows


def _of_csv(lines: list[list[str]]) -> list[dict[str, Any]]:
    return [
        {
            "case_number": line[0],
            "received_on": date.fromisoformat(line[1]),
            "nature": line[2],
            "ward": line[3],
            "days_open": int(line[4]) if line[4] else None,
        }
        for line in lines
    ]


def _revoke(
    session: simplr_client.Session,
    colleague: Playing,
    browser: Browser,
    dataset_id: str,
    release_id: str,
    grant_id: str,
    tell: Teller,
) -> None:
    with tell.step("She revokes it, and he reads nothing") as figures:
        session.revoke(grant_id)
        began = time.monotonic()
        ways: dict[str, Callable[[], bool]] = {
            "client": lambda: _is_refused(colleague.session, dataset_id),
            "page": lambda: browser.open(f"/received/{release_id}").status_code in (403, 404),
        }
        for way, refused in ways.items():
            while not refused():
                must(time.monotonic() - began < PATIENCE, f"the {way} is refused within a second")
                time.sleep(0.02)
        figures["refused after ms"] = round((time.monotonic() - began) * 1000)
        status = _simplr(colleague, "get", dataset_id, "-o", "-", may_fail=True)
        must(status in (3, 4), "simplr get is refused too")


def _is_refused(session: simplr_client.Session, dataset_id: str) -> bool:
    try:
        session.dataset(dataset_id).to_arrow(limit=1)
    except (Refused, NotFound):
        return True
    return False


def _ledger(record: Record, session: simplr_client.Session, dataset_id: str, tell: Teller) -> None:
    with tell.step("The ledger shows it all to her") as figures:
        events = list(session.ledger(node=dataset_id))
        codes = {one["code"] for one in events}
        wanted = {"sharing:release:added", "access:grant:given", "access:grant:revoked"}
        wanted |= {"sharing:rows:read", "sharing:sample:read"}
        must(wanted <= codes, f"{', '.join(sorted(wanted - codes)) or 'everything'} is in it")
        figures["events"] = len(events)
    auditor = record.session("auditor", "main job")
    with auditor.session, tell.step(f"{role('auditor').name} verifies the whole ledger") as figures:
        found = auditor.session.ledger_verify()
        must(found["ok"] is True, "the ledger is whole")
        figures["entries"] = found["size"]


def _friday() -> datetime:
    now = datetime.now(UTC)
    day = now.date() + timedelta(days=(4 - now.weekday()) % 7)
    return datetime.combine(day, clock(23, 59, 59), tzinfo=UTC)


def _simplr(playing: Playing, *words: str, may_fail: bool = False) -> int:
    """Type a command as this person would; its exit status."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SIMPLR_")}
    done = subprocess.run(
        [sys.executable, "-m", "simplr_client.command", *words],
        env={**kept, "SIMPLR_URL": playing.session.url, "SIMPLR_TOKEN": playing.token},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    must(may_fail or done.returncode == 0, f"simplr {words[0]} works: {done.stderr.strip()}")
    return done.returncode
