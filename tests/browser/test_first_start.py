"""The first administrator: from the printed link to an account with a passkey."""

from __future__ import annotations

from uuid import uuid4

from tests.browser.people import HOME, PASSWORD, Institute, address_of
from tests.browser.starting import Beginning, add_authenticator
from tests.browser.visits import NewWindow


def test_the_first_link_makes_its_holder_administrator_with_a_passkey(beginning: Beginning) -> None:
    assert beginning.titles[0] == "Make this installation yours"
    assert beginning.titles[1] == "Add a passkey"
    assert "Laptop" in beginning.titles[-1]
    assert not beginning.faults, "\n".join(beginning.faults)


def test_who_signs_out_signs_in_again_with_a_passkey_alone(
    windows: NewWindow, institute: Institute, size: str
) -> None:
    name = f"Robin {uuid4().hex[:6]}"
    institute.let_in(name, organisation=HOME)
    window = windows(size)
    window.go("/account/login/")
    window.look("sign-in")
    window.fill(login=address_of(name), password=PASSWORD)
    window.leave(window.button("Sign in with password"))
    add_authenticator(window)
    window.go("/account/")
    window.leave(window.link("Add a passkey").first)
    assert window.title() == "Show that it is you"
    window.fill(password=PASSWORD)
    window.leave(window.button("Go on"))
    window.fill(name="Pocket key")
    window.leave(window.button("Add the passkey"))
    window.go("/account/")
    assert "Pocket key" in window.words()
    window.leave(window.button("Sign out"))
    assert name not in window.words()

    window.go("/account/login/")
    window.leave(window.button("Use a passkey"))
    window.go("/account/")
    assert window.title() == name
