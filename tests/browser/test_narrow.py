"""No page scrolls sideways at 320 pixels, the width that WCAG 2.2 asks for (row 58).

Every page that a journey looks at is made so narrow once (`Window.look`). `make prove` opens every
page of the URL table besides, with titles and names that no line can be broken in.
"""

from __future__ import annotations

import csv
from pathlib import Path
from uuid import uuid4

import pytest
from tests.browser.people import AUDITOR, COLLEAGUE, STEWARD, Institute, address_of
from tests.browser.starting import ADMINISTRATOR
from tests.browser.taking_in import Kept, answer, put_and_keep, put_more
from tests.browser.visits import NARROW, NewWindow, Window

# Every address and what it answers to whom; kept whole by its own test.
MATRIX = Path(__file__).resolve().parents[1] / "web" / "attack" / "matrix.csv"
NO_PAGES = {
    "/client/<name>": "a package",
    "/ledger/export": "an archive",
    "/resources/<resource>/content": "a file as it came",
    "/resources/<resource>/preview": "a file in a frame of its own",
    "/resources/<resource>/text": "plain text",
    "/alerts/<alert>": "looked at by its journey (test_alerts), at this width too",
    "/installation/programs/<program>": "looked at by its journey (test_programs)",
    "/oauth/authorize": "looked at by its journey, with what a program asks",
    "/oauth/keys": "for programs",
    "/.well-known/oauth-authorization-server": "for programs",
    "/.well-known/openid-configuration": "for programs",
    "/bell": "a piece of a page",
    "/account/waiting": "a piece of a page that only a session without its factor sees",
    "/nodes/<node>/ledger": "a piece of a page",
    "/notices/<notice>": "leads to what the notice is about",
    "/invitation/<secret>": "opened below, by an invitation",
    "/l/<secret>": "opened below, by a link",
    "/welcome/<secret>": "opened by the first start and by `simplr`'s one-time links",
}
OF_SIGNING_IN = (
    *("/account/login/", "/account/password/reset/", "/account/password/reset/done/"),
    *("/account/inactive/", "/account/signup/", "/there-is-no-such-page"),
)
OF_FACTORS = (
    *("/account/2fa/", "/account/2fa/totp/activate/", "/account/2fa/webauthn/"),
    *("/account/password/change/", "/account/logout/", "/api/"),
)
LONG = "neighbourhood_complaints_per_thousand_inhabitants_seasonally_adjusted_and_weighted"
TABLE = f"{LONG},mail,day,count\n" + "\n".join(
    f"{LONG}_{n % 7},{LONG}.{n}@example.org,2024-02-{n % 28 + 1:02},{'many' if n == 9 else n}"
    for n in range(60)
)


def test_what_does_not_fit_is_noticed(windows: NewWindow, calls: Kept) -> None:
    """The check itself: a page that is too wide, and a control that is cut off without scrolling."""
    window = windows("phone", STEWARD)
    window.expect_fault("sideways at wide|out of reach at cut")
    window.go(f"/datasets/{calls.dataset}")

    window.page.evaluate(
        """() => {
          const line = document.createElement("p");
          line.textContent = "m".repeat(60);
          line.attributeStyleMap.set("white-space", "nowrap");
          document.querySelector("main").append(line);
        }"""
    )
    window.check_narrow("wide")
    window.page.evaluate("document.querySelector('main').attributeStyleMap.set('overflow', 'clip')")
    window.check_narrow("cut")

    kinds = [fault.split(" at ")[0] for fault in window.faults]
    assert kinds == ["sideways", "out of reach"]


@pytest.mark.prove
def test_every_page_fits(windows: NewWindow, institute: Institute) -> None:
    values = _world(institute)
    # The steward of the journeys made his project: he is its owner, too.
    open_to = {
        ADMINISTRATOR: {"administrator"},
        AUDITOR: {"auditor"},
        STEWARD: {"owner", "steward"},
    }
    seen = {name: _narrow(windows("phone", name)) for name in open_to}
    stranger = _narrow(windows("phone"))
    count = 0
    with MATRIX.open(newline="") as file:
        for row in csv.DictReader(file):
            method, route = row["endpoint"].split(" ", 1)
            if method != "GET" or route.startswith("/api/") or route in NO_PAGES:
                continue
            who = [name for name, roles in open_to.items() if "ok" in {row[role] for role in roles}]
            if not who:
                assert "ok" not in row.values(), f"none of these people sees {route}"
                continue
            for name in who if route in {"/", "/ledger", "/projects"} else who[-1:]:
                _fits(seen[name], _address(route, values), route)
                count += 1
    for address in (*OF_SIGNING_IN, values["link"], values["invitation"]):
        _fits(stranger, address, address.split("?")[0])
    for address in (*OF_FACTORS, f"/find?q={LONG}", f"/datasets/{values['dataset']}?version=1"):
        _fits(seen[STEWARD], address, address)
    count += len(OF_SIGNING_IN) + 2 + len(OF_FACTORS) + 2
    print(f"{count} pages fit {NARROW} px")
    assert count > 70


def _narrow(window: Window) -> Window:
    window.page.set_viewport_size({"width": NARROW, "height": 844})
    window.expect_fault("status of (400|403|404|405)")
    return window


def _fits(window: Window, address: str, name: str) -> None:
    opened = window.page.goto(address if address.startswith("http") else window.base + address)
    assert opened is not None
    if opened.status != 200 and name != "/there-is-no-such-page":
        window.faults.append(f"{address} answers {opened.status}")
        return
    window.page.wait_for_selector("[aria-busy=true]", state="detached")
    window.page.evaluate(
        "document.querySelectorAll('main details').forEach((one) => one.open = true)"
    )
    window.check_narrow(name)


def _address(route: str, values: dict[str, str]) -> str:
    for place, value in values.items():
        route = route.replace(f"<{place}>", value)
    assert "<" not in route, f"nothing stands for a place of {route}"
    return route


def _world(institute: Institute) -> dict[str, str]:
    """One of each thing, named so that it cannot be broken."""
    word = uuid4().hex[:4]
    with institute.as_(STEWARD) as client:
        kept = put_and_keep(
            client, project=LONG + word, name=f"{LONG}.csv", content=TABLE.encode(), title=LONG
        )
        put = {"name": f"{LONG}.txt", "content": f"{LONG}\n{LONG}".encode(), "title": LONG}
        file = put_more(client, kept, **put)
        dataset = f"/datasets/{kept.dataset}"
        field = answer(client.get(dataset))["fields"][0]["name"]
        answer(client.patch(f"{dataset}/fields/{field}", json={"title": LONG, "meaning": LONG}))
        answer(client.patch(f"/resources/{kept.dataset}", json={"description": LONG}))
        folder = answer(client.post(f"/places/{kept.project}/folders", json={"title": LONG}))
        comment = answer(client.post(f"{dataset}/comments", json={"body": LONG * 3}))
        shown = {"name": field, "mask": {"kind": "redact", "text": LONG[:30]}}
        release = answer(
            client.post(
                f"{dataset}/releases",
                json={"title": LONG, "purpose": LONG, "fields": [shown], "version": "this"},
            )
        )
        reading = {"node": kept.dataset, "actions": ["read"], "release": release["id"]}
        reading["until"] = "2099-01-01T00:00:00Z"
        for to in ({"email": address_of(COLLEAGUE)}, {"link": {"password": LONG[:20]}}):
            grant = answer(client.post("/grants", json={**reading, "to": to}))
        upload = answer(
            client.post(
                f"/projects/{kept.project}/uploads",
                params={"name": f"{LONG}.csv"},
                content=TABLE.encode(),
            )
        )
        me = answer(client.get("/me"))["id"]
    with institute.as_(COLLEAGUE) as client:
        wish = {"purpose": LONG * 3, "actions": ["download"]}
        asked = answer(client.post(f"/resources/{kept.dataset}/requests", json=wish))
    return {
        **{"project": kept.slug, "dataset": kept.dataset, "node": kept.dataset, "version": "1"},
        **{"field": field, "resource": file.dataset, "folder": folder["id"], "person": me},
        **{"comment": comment["id"], "release": release["id"], "share": release["id"]},
        **{"upload": upload["id"], "link": grant["link_url"], "access_request": asked["id"]},
        "invitation": institute.invite(f"{LONG[:40]} {word}", organisation="City of Elm"),
    }
