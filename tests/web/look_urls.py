"""The real addresses, and a stand-in for each page whose view does not exist yet.

`PAGES` is the table of URL names that the templates use. A name that the installation already
serves is left out here, so the stand-ins go away by themselves.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, URLPattern, URLResolver, include, path, reverse

from simplr.config import urls as real

PAGES = {
    "operations": {
        "home": "",
        "ledger": "ledger",
        "ledger-export": "ledger/export",
        "ledger-verify": "ledger/verify",
        "installation": "installation",
        "installation-people": "installation/people",
        "installation-person": "installation/people/<uuid:person>",
        "installation-organisations": "installation/organisations",
        "installation-licences": "installation/licences",
        "installation-keys": "installation/keys",
    },
    "accounts": {
        "account": "account",
        "sessions-end": "account/sessions/end",
        "invitation-withdraw": "invitations/<uuid:invitation>/withdraw",
    },
    "licensing": {"revoke": "licences/<uuid:licence>/revoke"},
    "access": {
        "tokens": "tokens",
        "tokens-revoke": "tokens/revoke",
        "token-revoke": "tokens/<uuid:token>/revoke",
    },
    "projects": {
        "list": "projects",
        "make": "projects/make",
        "edit": "projects/<slug:project>/edit",
        "members": "projects/<slug:project>/people",
        "member-role": "projects/<slug:project>/people/<uuid:person>/role",
        "member-remove": "projects/<slug:project>/people/<uuid:person>/remove",
    },
    "intake": {
        "put": "projects/<slug:project>/put",
        "upload": "uploads/<uuid:upload>",
        "keep": "uploads/<uuid:upload>/keep",
        "cancel": "uploads/<uuid:upload>/cancel",
        "retry": "uploads/<uuid:upload>/retry",
    },
    "datasets": {
        "dataset": "datasets/<uuid:dataset>",
        "field": "datasets/<uuid:dataset>/fields/<str:field>",
        "versions": "datasets/<uuid:dataset>/versions",
        "ledger": "datasets/<uuid:dataset>/ledger",
    },
    "resources": {
        "project": "projects/<slug:project>",
        "file": "files/<uuid:resource>",
        "preview": "resources/<uuid:resource>/preview",
        "content": "resources/<uuid:resource>/content",
    },
    "sharing": {
        "rows": "datasets/<uuid:dataset>/rows",
        "profile": "datasets/<uuid:dataset>/profile",
        "quality": "datasets/<uuid:dataset>/quality",
        "access": "datasets/<uuid:dataset>/access",
        "releases": "datasets/<uuid:dataset>/releases",
        "release-make": "datasets/<uuid:dataset>/releases/make",
        "release-preview": "datasets/<uuid:dataset>/releases/preview",
        "release": "releases/<uuid:release>",
        "release-accept": "releases/<uuid:release>/accept",
        "release-end": "releases/<uuid:release>/end",
        "grant": "grant/<uuid:node>",
        "grant-sentence": "grant/<uuid:node>/sentence",
        "grant-revoke": "grants/<uuid:grant>/revoke",
        "why": "why/<uuid:node>",
        "received": "received",
        "received-one": "received/<uuid:share>",
    },
    "catalogue": {"find": "find"},
    "base": {"styleguide": "styleguide"},
    "vault": {"unseal": "unseal"},
}

_SAMPLES: dict[str, object] = {"slug": "clean-streets", "str": "ward"}


def _stand_in(request: HttpRequest, **_kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def _is_served(name: str, route: str) -> bool:
    arguments = [
        _SAMPLES.get(part.split(":")[0], "11111111-1111-4111-8111-111111111111")
        for part in route.replace(">", "<").split("<")[1::2]
    ]
    try:
        reverse(name, urlconf=real, args=arguments)
    except NoReverseMatch:
        return False
    return True


def _pages(app: str) -> URLResolver:
    """The pages of one app: what it serves, and a stand-in for each page that it does not yet."""
    served = [
        pattern
        for resolver in real.urlpatterns
        if isinstance(resolver, URLResolver) and resolver.namespace == app
        for pattern in resolver.url_patterns
    ]
    missing = [
        path(route, _stand_in, name=page)
        for page, route in PAGES[app].items()
        if not _is_served(f"{app}:{page}", route)
    ]
    return path("", include(([*served, *missing], app), namespace=app))


urlpatterns: list[URLPattern | URLResolver] = [
    *(_pages(app) for app in PAGES),
    *(pattern for pattern in real.urlpatterns if getattr(pattern, "namespace", None) not in PAGES),
]
