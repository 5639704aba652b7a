"""Scopes in plain words, for the page on which a person allows a program something."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simplr_core.access import Action, NodeKind, Scope, ThingKind, parse_scope
from simplr_core.access.scopes import IDENTITY_SCOPES, ScopeKind

_OF_THE_PERSON: dict[str, str | Promise] = {
    "openid": gettext_lazy("Know that it is you"),
    "profile": gettext_lazy("See your name"),
    "email": gettext_lazy("See your e-mail address"),
}
_DOES: dict[Action, str | Promise] = {
    Action.DISCOVER: gettext_lazy("See the titles of %(things)s"),
    Action.DESCRIBE: gettext_lazy("See the descriptions of %(things)s"),
    Action.READ: gettext_lazy("Look into %(things)s"),
    Action.DOWNLOAD: gettext_lazy("Look into %(things)s and take copies away"),
    Action.WRITE: gettext_lazy("Add to %(things)s and change them"),
    Action.MANAGE: gettext_lazy("Decide about %(things)s: who may see them, and whether they stay"),
}
_DOES_TO_ONE: dict[Action, str | Promise] = {
    Action.DISCOVER: gettext_lazy("See the title of %(things)s"),
    Action.DESCRIBE: gettext_lazy("See the description of %(things)s"),
    Action.READ: gettext_lazy("Look into %(things)s"),
    Action.DOWNLOAD: gettext_lazy("Look into %(things)s and take copies away"),
    Action.WRITE: gettext_lazy("Add to %(things)s and change it"),
    Action.MANAGE: gettext_lazy("Decide about %(things)s: who may see it, and whether it stays"),
}
_TO_THINGS: dict[Action, str | Promise] = {
    Action.READ: gettext_lazy("See %(things)s"),
    Action.MANAGE: gettext_lazy("Make, change and end %(things)s"),
}
_MANY: dict[ScopeKind, str | Promise] = {
    NodeKind.PROJECT: gettext_lazy("all your projects, and what is in them"),
    NodeKind.FOLDER: gettext_lazy("all your folders"),
    NodeKind.RESOURCE: gettext_lazy("all data sets and files that you may use"),
    NodeKind.VERSION: gettext_lazy("all versions that you may use"),
    NodeKind.RELEASE: gettext_lazy("all releases that you were given"),
    ThingKind.GRANT: gettext_lazy("grants"),
    ThingKind.TOKEN: gettext_lazy("your access tokens"),
    ThingKind.PERSON: gettext_lazy("people that you may know of"),
    ThingKind.GROUP: gettext_lazy("groups"),
    ThingKind.ORGANISATION: gettext_lazy("organisations"),
    ThingKind.INVITATION: gettext_lazy("invitations"),
    ThingKind.LICENCE: gettext_lazy("licences"),
    ThingKind.LEDGER: gettext_lazy("the ledger"),
    ThingKind.INSTALLATION: gettext_lazy("the installation itself, as its administrator"),
}


def in_words(scope: str, *, titles: Mapping[UUID, str]) -> str:
    """What a scope lets a program do. `titles` holds those that the person may know."""
    if scope in IDENTITY_SCOPES:
        return str(_OF_THE_PERSON[scope])
    parsed = parse_scope(scope)
    if parsed.id is not None:
        named = titles.get(parsed.id) or _("something that you can not see now")
        return str(_DOES_TO_ONE[parsed.action]) % {"things": f"“{named}”"}
    does = _TO_THINGS.get(parsed.action) if isinstance(parsed.kind, ThingKind) else None
    things = _MANY.get(parsed.kind) or _("all that is of the kind “%s”") % parsed.kind.value
    return str(does or _DOES[parsed.action]) % {"things": str(things)}


def ids_in(scopes: tuple[str, ...]) -> list[UUID]:
    """The things that scopes name singly."""
    parsed: list[Scope] = [parse_scope(each) for each in scopes if each not in IDENTITY_SCOPES]
    return [each.id for each in parsed if each.id is not None]
