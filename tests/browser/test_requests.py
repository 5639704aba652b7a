"""A researcher who was told of a data set asks for it; its steward answers on her phone."""

from __future__ import annotations

import re

from tests.browser.people import COLLEAGUE, STEWARD, Institute, address_of
from tests.browser.starting import named
from tests.browser.taking_in import put_and_keep
from tests.browser.visits import NewWindow

CALLS = b"ward,calls\n01,12\n02,7\n03,31\n"
PURPOSE = "Waiting times, ward by ward, for a thesis on night collection."


def test_a_researcher_asks_and_a_steward_answers_on_her_phone(
    windows: NewWindow, institute: Institute
) -> None:
    with institute.as_(STEWARD) as client:
        kept = put_and_keep(
            client, project=named("Asked"), name="calls.csv", content=CALLS, title="Night calls"
        )
        told = {"node": kept.dataset, "to": {"email": address_of(COLLEAGUE)}}
        client.post("/grants", json={**told, "actions": ["describe"]}).raise_for_status()
    researcher = windows("desktop", COLLEAGUE)
    researcher.go("/requests")
    researcher.go(f"/datasets/{kept.dataset}")
    researcher.leave(researcher.link("Ask for access"))
    researcher.look("ask")
    researcher.page.get_by_label("What do you need it for?").fill(PURPOSE)
    researcher.leave(researcher.button("Ask"))
    assert "You asked." in researcher.words()
    researcher.look("requests-mine")

    steward = windows("phone", STEWARD)
    steward.go("/")
    steward.leave(steward.link(re.compile("^Answer")).first)
    assert PURPOSE in steward.words()
    steward.look("request", manual=True)
    steward.expect_fault("status of 422")
    steward.leave(steward.button("Decline"))
    assert "Say why not" in steward.words()
    steward.page.get_by_label("A word to the one who asked").fill("Three wards only.")
    steward.page.get_by_label("All of it").check()
    steward.leave(steward.button("Grant"))
    assert "Granted." in steward.words()

    researcher.leave(researcher.link("Night calls"))
    assert "Three wards only." in researcher.words()
    researcher.look("request-granted")
    researcher.leave(researcher.link("Open it"))
    assert researcher.title() == "Night calls"
