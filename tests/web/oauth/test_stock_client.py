"""A stock OAuth client library (Authlib) completes each way of asking against a running server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from devdata.browser import read
from django.test import Client

from simplr.access.oauth.programs import Kind, NewProgram, register_program
from simplr.base.actors import SYSTEM

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

BACK = "https://planner.example.org/back"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
PATIENT = 60
LOOPBACK = "http://127.0.0.1/back"
LOOPBACK_TODAY = "http://127.0.0.1:49731/back"

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


@pytest.fixture
def server(live_server: Any, settings: Any) -> str:
    """The address of the installation, over a socket."""
    url: str = live_server.url
    settings.BASE_URL = url
    settings.CSRF_TRUSTED_ORIGINS = [url]
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": url}
    return url


@pytest.fixture
def places(server: str) -> dict[str, str]:
    """Where everything is, by the metadata alone."""
    answer = httpx.get(f"{server}/.well-known/oauth-authorization-server", timeout=PATIENT)
    found: dict[str, str] = answer.json()
    assert found["issuer"] == server
    return found


def browser_of(person: Person, server: str) -> httpx.Client:
    """A browser in which this person is signed in; it shows where it is sent."""
    signed_in = Client()
    signed_in.force_login(person, backend="simplr.accounts.adapters.SignInBackend")
    cookies = {name: morsel.value for name, morsel in signed_in.cookies.items()}
    return httpx.Client(base_url=server, cookies=cookies, timeout=PATIENT)


def forms_of(page: httpx.Response) -> list[Any]:
    """The forms of a page that change something."""
    return [one for one in read(page.text).forms if "csrfmiddlewaretoken" in one.fields]


def said_yes(browser: httpx.Client, address: str) -> httpx.Response:
    """Say yes on the page that an address opens."""
    page = browser.get(address, headers={"Accept": "text/html"})
    assert page.status_code == 200, page.text[:500]
    (form,) = forms_of(page)
    return browser.post(address, data={**form.fields, "until": "7", "allow": "yes"})


def registered(kind: Kind, *scopes: str, addresses: tuple[str, ...] = ()) -> NewProgram:
    return register_program(
        name="Planner", kind=kind, scopes=scopes, addresses=addresses, actor=SYSTEM
    )


def client_of(new: NewProgram, scope: str, back: str | None = None) -> OAuth2Client:
    return OAuth2Client(
        new.program.client_id,
        new.secret,
        scope=scope,
        redirect_uri=back,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if new.secret else "none",
        timeout=PATIENT,
    )


def test_authlib_waits_for_a_typed_code(ada: Person, server: str, places: dict[str, str]) -> None:
    new = registered(Kind.DEVICE, "resource:read")
    client = client_of(new, "resource:read")
    asked = {"client_id": new.program.client_id, "scope": "resource:read"}
    # Authlib leaves this one request to whoever uses it.
    told = httpx.post(places["device_authorization_endpoint"], data=asked, timeout=PATIENT).json()
    waiting = {"grant_type": DEVICE_GRANT, "device_code": told["device_code"]}
    with pytest.raises(OAuthError, match="authorization_pending"):
        client.fetch_token(places["token_endpoint"], **waiting)

    browser = browser_of(ada, server)
    (form,) = forms_of(browser.get(told["verification_uri_complete"]))
    said = {**form.fields, "user_code": told["user_code"], "until": "7", "allow": "yes"}
    assert browser.post("/device", data=said).status_code == 200
    token = client.fetch_token(places["token_endpoint"], **waiting)

    assert status_of(token, server) == 200
    assert "refresh_token" not in token


def test_authlib_asks_for_a_service(ada: Person, server: str, places: dict[str, str]) -> None:
    new = register_program(
        name="Nightly copy",
        kind=Kind.SERVICE,
        scopes=["resource:read"],
        acts_for=ada.id,
        actor=SYSTEM,
    )
    client = client_of(new, "resource:read")
    asked = {"grant_type": "client_credentials"}
    with pytest.raises(OAuthError, match="unauthorized_client"):
        client.fetch_token(places["token_endpoint"], **asked)

    said_yes(browser_of(ada, server), f"/account/programs/{new.program.public_id}")
    token = client.fetch_token(places["token_endpoint"], **asked)

    assert status_of(token, server) == 200


def status_of(token: Any, server: str) -> int:
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    return httpx.get(f"{server}/api/v1/me", headers=bearer, timeout=PATIENT).status_code


@pytest.mark.parametrize(
    ("kind", "address", "back"),
    [(Kind.WEB, BACK, BACK), (Kind.NATIVE, LOOPBACK, LOOPBACK_TODAY)],
    ids=["web", "native"],
)
def test_authlib_asks_renews_and_lets_go(
    ada: Person, server: str, places: dict[str, str], kind: Kind, address: str, back: str
) -> None:
    new = registered(kind, "resource:read", "email", addresses=(address,))
    client = client_of(new, "resource:read email", back)
    verifier = generate_token(64)
    asking, state = client.create_authorization_url(
        places["authorization_endpoint"], code_verifier=verifier
    )

    came_back_to = said_yes(browser_of(ada, server), asking).headers["location"]
    assert came_back_to.startswith(back + "?")
    assert parse_qs(urlsplit(came_back_to).query)["iss"] == [server]
    first = client.fetch_token(
        places["token_endpoint"],
        authorization_response=came_back_to,
        state=state,
        code_verifier=verifier,
    )
    me = client.get(f"{server}/api/v1/me").json()
    assert (me["email"], me["name"]) == ("ada@example.org", "")  # `profile` was not asked for
    second = client.refresh_token(places["token_endpoint"], first["refresh_token"])
    assert (status_of(first, server), status_of(second, server)) == (401, 200)
    if kind is Kind.WEB:
        told = client.introspect_token(
            places["introspection_endpoint"], token=second["access_token"]
        ).json()
        assert (told["active"], told["client_id"]) == (True, new.program.client_id)

    client.revoke_token(places["revocation_endpoint"], token=second["refresh_token"])

    assert status_of(second, server) == 401
    with pytest.raises(OAuthError, match="invalid_grant"):
        client.refresh_token(places["token_endpoint"], second["refresh_token"])
