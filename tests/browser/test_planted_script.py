"""Text that is written to run: in titles, names, headers and cells it stays text, on every page."""

from __future__ import annotations

import csv
import io
from uuid import uuid4

from tests.browser.people import COLLEAGUE, HOME, STEWARD, Institute, address_of
from tests.browser.taking_in import answer, put_and_keep
from tests.browser.visits import NewWindow, Window

# Each leaves an element with this attribute in the page when it is taken for markup.
MARK = "data-planted"
PLANTED = (
    f"<script {MARK}>alert(1)</script>",
    f"<img {MARK} src=x onerror=alert(1)>",
    f'"><svg {MARK} onload=alert(1)>',
    f"'><b {MARK} onmouseover=alert(1)>",
    f"</title></textarea></script><i {MARK} onclick=alert(1)>",
    f"{{{{7*7}}}}{{% load static %}}<u {MARK}>",
    f"javascript:alert(1)//<a {MARK} href=javascript:alert(1)>",
    f"&lt;b {MARK}&gt;<b {MARK}>",
)


def _table() -> bytes:
    text = io.StringIO(newline="")
    out = csv.writer(text)
    out.writerow(["id", PLANTED[1], PLANTED[2], "day"])
    for n in range(24):
        out.writerow([n, PLANTED[n % len(PLANTED)], f"x{n}{PLANTED[0]}", f"2012-01-{n + 1:02d}"])
    out.writerow([24, "fits", "fits", PLANTED[3]])
    return text.getvalue().encode()


def test_no_text_that_somebody_wrote_runs_on_any_page(
    windows: NewWindow, institute: Institute
) -> None:
    word = uuid4().hex[:4]
    writer = f"{PLANTED[1]} {word}"
    email = f"writer.{word}@example.org"
    institute.let_in(writer, organisation=HOME, email=email)
    with institute.as_(writer) as client:
        kept = put_and_keep(
            client,
            project=PLANTED[0] + word,
            slug=f"planted-{word}",
            name=f"{PLANTED[1]}.csv".replace("/", ""),
            content=_table(),
            title=PLANTED[4],
        )
        names = [f["name"] for f in answer(client.get(f"/datasets/{kept.dataset}"))["fields"]]
        answer(
            client.patch(
                f"/datasets/{kept.dataset}/fields/{names[1]}",
                json={"title": PLANTED[1], "meaning": PLANTED[2]},
            )
        )
        answer(client.patch(f"/resources/{kept.dataset}", json={"description": PLANTED[3]}))
        release = answer(
            client.post(
                f"/datasets/{kept.dataset}/releases",
                json={
                    "title": PLANTED[2],
                    "fields": [
                        {"name": names[0], "mask": {"kind": "keep"}},
                        {"name": names[1], "mask": {"kind": "redact", "text": PLANTED[1][:30]}},
                    ],
                    "where": "",
                    "version": "this",
                },
            )
        )
        answer(
            client.post(
                "/grants",
                json={
                    "node": kept.dataset,
                    "to": {"email": address_of(COLLEAGUE)},
                    "actions": ["discover", "describe", "read", "download"],
                    "release": release["id"],
                },
            )
        )
        upload = answer(
            client.post(
                f"/projects/{kept.project}/uploads",
                params={"name": f"{PLANTED[2]}.csv".replace("/", "")},
                content=_table(),
            )
        )
        me = answer(client.get("/me"))["id"]

    writer_pages = [
        "/",
        "/projects",
        f"/projects/{kept.slug}",
        f"/projects/{kept.slug}/people",
        f"/projects/{kept.slug}/put",
        f"/uploads/{upload['id']}",
        f"/datasets/{kept.dataset}",
        f"/datasets/{kept.dataset}/rows",
        f"/datasets/{kept.dataset}/rows?where=%3Cb%20{MARK}%3E",
        f"/datasets/{kept.dataset}/quality",
        f"/datasets/{kept.dataset}/versions",
        f"/datasets/{kept.dataset}/releases",
        f"/datasets/{kept.dataset}/releases/make",
        f"/datasets/{kept.dataset}/access",
        f"/datasets/{kept.dataset}/ledger",
        f"/releases/{release['id']}",
        f"/grant/{kept.dataset}",
        f"/why/{kept.dataset}?person={me}&action=read",
        f"/find?q=%3Cb%20{MARK}%3E",
        "/find?q=planted",
        "/ledger",
        "/account/",
        f"/there/is/%3Cb%20{MARK}%3E",
    ]
    window = windows("desktop")
    window.context.add_cookies(institute.people[writer]["cookies"])
    _visit(window, writer_pages)
    reader = windows("desktop", COLLEAGUE)
    _visit(reader, ["/received", f"/received/{release['id']}", "/"])
    steward = windows("desktop", STEWARD)
    _visit(steward, ["/", "/projects"])


def _visit(window: Window, pages: list[str]) -> None:
    dialogs: list[str] = []
    window.expect_fault("status of (404|422|400)")
    window.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for address in pages:
        window.go(address)
        window.page.wait_for_selector("[aria-busy=true]", state="detached")
        found = window.page.locator(f"[{MARK}]").count()
        assert found == 0, f"{address} takes text for markup"
    assert not dialogs, "text ran"
