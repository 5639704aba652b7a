"""Nothing in the three databases lets a thief sign in (row 17)."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.web.oauth.asking import Program, registered

from simplr.access import services as access
from simplr.access.authentication import of_person
from simplr.access.first_start import first_signin_link
from simplr.access.tokens import issue_access_token
from simplr_core.access import Action, NodeKind, Role

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

PASSWORD = "a sentence nobody would guess"
LINK_PASSWORD = "another sentence, for a link"


def everything_kept() -> str:
    """Every row of every table of the three databases, as text; binary columns in hex."""
    rows: list[str] = []
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT schemaname, tablename FROM pg_tables"
                " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            )
            for schema, table in cursor.fetchall():
                cursor.execute(f'SELECT row_to_json(t)::text FROM "{schema}"."{table}" AS t')
                rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows)


def spellings(secret: str) -> set[str]:
    """How a secret could lie in a row."""
    plain = secret.encode()
    return {
        secret,
        json.dumps(secret)[1:-1],
        plain.hex(),
        base64.b64encode(plain).decode().rstrip("=")[:-1],
        base64.urlsafe_b64encode(plain).decode().rstrip("=")[:-1],
    }


def shared_by_link(ada: Person) -> str:
    """The secret of a link with a password, to a release of Ada's."""
    owner = of_person(ada)
    project = access.make_node(
        kind=NodeKind.PROJECT, parent=None, owner_id=ada.id, organisation_id=ada.organisation_id
    )
    access.give_role(project_id=project.id, person_id=ada.id, role=Role.OWNER, actor=owner)
    resource = access.make_node(kind=NodeKind.RESOURCE, parent=project, owner_id=ada.id)
    release = access.make_node(kind=NodeKind.RELEASE, parent=resource, owner_id=ada.id)
    return access.give_grant(
        node_id=resource.id,
        release_id=release.id,
        to=access.Grantee(link=True, password=LINK_PASSWORD),
        actions=[Action.READ],
        until=timezone.now() + timedelta(days=1),
        actor=owner,
    ).link_secret


def reset_key(person: Person) -> str:
    """The key of the address that a reset mail holds, as the browser keeps it when it was opened."""
    person.refresh_from_db()  # the key ends with the next signing in
    key = str(app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(person))
    address = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(person), "key": key},
    )
    assert Client().get(address).status_code == 302  # now it lies in a session
    return key


def test_no_secret_that_was_issued_can_be_found_in_the_databases(
    make_person: MakePerson,
) -> None:
    cache.clear()
    ada = make_person("Ada", administrator=True)
    browser = Client()
    browser.post("/account/login/", {"login": "ada@example.org", "password": "a wrong sentence"})
    browser.post("/account/login/", {"login": "ada@example.org", "password": PASSWORD})
    token = issue_access_token(
        name="laptop",
        scopes=["token:manage"],
        expires_at=timezone.now() + timedelta(days=1),
        actor=of_person(ada),
    ).secret
    invited = browser.post(
        "/api/v1/invitations",
        json.dumps({"email": "bob@example.org"}),
        content_type="application/json",
    ).json()["url"]
    signin = first_signin_link(email="ada@example.org").signin
    link = shared_by_link(ada)
    visitor = Client()
    visitor.post(f"/l/{link}", {"password": "a wrong password of a link"})
    assert visitor.post(f"/l/{link}", {"password": LINK_PASSWORD}).status_code == 302
    made_by_token = Client(headers={"Authorization": f"Bearer {token}"}).post(
        "/api/v1/tokens",
        {
            "name": "made by a token",
            "scopes": ["token:manage"],
            "expires_at": (timezone.now() + timedelta(hours=1)).isoformat(),
        },
        content_type="application/json",
    )
    totp = generate_totp_secret()
    TOTP.activate(ada, totp)
    codes = RecoveryCodes.activate(ada).generate_codes()
    program = Program(registered())
    pending = program.code_of(ada)
    allowed = program.tokens_of(ada)
    renewed = program.renew(allowed["refresh_token"]).json()
    secrets = {
        "secret of a program": program.new.secret,
        "pending code": pending,
        "token of a program": allowed["access_token"],
        "its renewal": allowed["refresh_token"],
        "renewed token": renewed["access_token"],
        "renewal of the renewed": renewed["refresh_token"],
        "password": PASSWORD,
        "wrong password": "a wrong sentence",
        "session": browser.cookies["simplr"].value,
        "csrf": browser.cookies["simplr-csrf"].value,
        "token": token,
        "invitation": invited.rsplit("/", 1)[1],
        "sign-in link": signin.rsplit("/", 1)[1],
        "link": link,
        "password of the link": LINK_PASSWORD,
        "wrong password of the link": "a wrong password of a link",
        "session of a visitor": visitor.cookies["simplr"].value,
        "browser that is known": browser.cookies["simplr-known"].value,
        "token made by a token": made_by_token.json()["token"],
        "key of a reset": reset_key(ada),
        "totp": totp,
        **{f"recovery code {n}": code for n, code in enumerate(codes)},
    }

    kept = everything_kept()

    assert "City of Elm" in kept  # the search sees what is there
    found = [
        name
        for name, secret in secrets.items()
        if any(spelling in kept for spelling in spellings(secret))
    ]
    assert found == []
    seeds = Authenticator.objects.get(type="recovery_codes").data["seed"]
    assert not seeds.isalnum()  # sealed, not the 80 hex digits it is made of


def test_what_a_session_holds_cannot_be_read_without_its_cookie(make_person: MakePerson) -> None:
    make_person("Ada")
    browser = Client()
    browser.post("/account/login/", {"login": "ada@example.org", "password": PASSWORD})
    session = browser.session
    session["planted"] = "a canary in the session"
    session.save()

    assert browser.session["planted"] == "a canary in the session"
    assert not any(
        spelling in everything_kept() for spelling in spellings("a canary in the session")
    )
