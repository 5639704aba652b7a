"""Entry rules: every view and endpoint says who may enter.

    @needs("read", node="dataset")     the one decision, on the node whose id is in the URL
    @signed_in                         any licensed person, by session or token
    @administrator / @auditor          an office in the installation
    @anyone(because="…")               no decision, and why that is safe

A fitness test walks the URL table and fails on a view without a rule. A thing that the actor may
not know of is NotFound, never Refused.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from typing import Any, TypeVar, overload
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from simplr.base import plugs
from simplr.base.actors import actor_of
from simplr_core.access import parse_scope
from simplr_core.access.words import INCLUDES
from simplr_core.errors import NotFound, Refused

View = TypeVar("View", bound=Callable[..., Any])


class NotSignedIn(Refused):
    """Sign in, or send a valid access token."""

    code = "not-signed-in"
    status = 401


class ScopeMissing(Refused):
    """The access token does not carry the scope that this needs."""

    code = "scope-missing"


class FactorNeeded(Refused):
    """An administrator needs a second factor. Add a passkey or a code app to your account first."""

    code = "factor-needed"


NEEDS_FACTOR = "simplr-needs-factor"
"""Session entry: an administrator signed in, and has no second factor."""


def lacks_factor(request: HttpRequest) -> bool:
    """Whether this browser may not do what its owner's office would let her."""
    session = getattr(request, "session", None)
    return bool(settings.ADMINISTRATORS_NEED_FACTOR and session and session.get(NEEDS_FACTOR))


@dataclass(frozen=True)
class EntryRule:
    """What a view declares; the endpoint x role matrix is generated from these."""

    kind: str
    action: str = ""
    node: str = ""
    because: str = ""


def _mark(view: View, rule: EntryRule) -> View:
    view.entry_rule = rule  # type: ignore[attr-defined]
    with suppress(NameError):
        # The API reads types from the signature, and would look for their names in this module.
        view.__signature__ = signature(view, eval_str=True)  # type: ignore[attr-defined]
    return view


def anyone(*, because: str) -> Callable[[View], View]:
    """Nobody is asked. `because` says what protects the view instead."""

    def decorate(view: View) -> View:
        return _mark(view, EntryRule("anyone", because=because))

    return decorate


def check_scope(request: HttpRequest, scope: str) -> None:
    """A token must carry `scope`, or one that includes it; a session carries all.

    Raises ScopeMissing.
    """
    scopes = actor_of(request).scopes
    if scopes is None:
        return
    wanted = parse_scope(scope)
    for given in map(parse_scope, scopes):
        if (
            given.kind is wanted.kind
            and given.id is None
            and wanted.action in INCLUDES[given.action]
        ):
            return
    raise ScopeMissing(scope=scope)


def person_id_of(request: HttpRequest) -> UUID:
    """The person who acts; for views that `@signed_in` guards. Raises NotSignedIn."""
    person_id = actor_of(request).person_id
    if person_id is None:
        raise NotSignedIn
    return person_id


@overload
def signed_in(view: View, *, scope: str = "") -> View: ...


@overload
def signed_in(view: None = None, *, scope: str = "") -> Callable[[View], View]: ...


def signed_in(view: Any = None, *, scope: str = "") -> Any:
    """A licensed person. `scope` is what a token must carry besides, where no node is asked."""

    def decorate(function: View) -> View:
        @wraps(function)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if actor_of(request).kind != "person":
                raise NotSignedIn
            if scope:
                check_scope(request, scope)
            return function(request, *args, **kwargs)

        return _mark(guarded, EntryRule("signed_in", action=scope))  # type: ignore[return-value]

    return decorate if view is None else decorate(view)


class _Office:
    """The entry rule of an office in the installation."""

    def __init__(self, name: str) -> None:
        self.name = name

    @overload
    def __call__(self, view: View, *, scope: str = "") -> View: ...

    @overload
    def __call__(self, view: None = None, *, scope: str = "") -> Callable[[View], View]: ...

    def __call__(self, view: Any = None, *, scope: str = "installation:manage") -> Any:
        def decorate(function: View) -> View:
            @wraps(function)
            def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                actor = actor_of(request)
                if actor.kind != "person":
                    raise NotSignedIn
                if not getattr(actor, self.name):
                    if actor.token_id is None and lacks_factor(request):
                        raise FactorNeeded
                    raise Refused("This is for the " + self.name + " of the installation.")
                check_scope(request, scope)
                return function(request, *args, **kwargs)

            return _mark(guarded, EntryRule(self.name, action=scope))  # type: ignore[return-value]

        return decorate if view is None else decorate(view)


administrator = _Office("administrator")
auditor = _Office("auditor")


def verdict_on(
    request: HttpRequest,
    action: str,
    node_id: UUID,
    *,
    touching: str | None = None,
    in_trash: bool = False,
) -> Any:
    """The decision for the request's actor; raises NotFound or Refused with its reason."""
    actor = actor_of(request)
    request.asked_node = node_id  # type: ignore[attr-defined]
    verdict = plugs.decide(
        actor=actor, action=action, node_id=node_id, touching=touching, in_trash=in_trash
    )
    if verdict.allowed:
        return verdict
    if not verdict.known:
        if actor.kind == "anonymous":
            raise NotSignedIn
        raise NotFound
    raise Refused(reason=verdict.code, action=action)


_NAMES: dict[str, Callable[[str], UUID]] = {}


def resolve_names(argument: str, resolver: Callable[[str], UUID]) -> None:
    """Let URL argument `argument` be a short name too; the resolver raises NotFound."""
    _NAMES[argument] = resolver


def _node_id(argument: str, given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        if argument in _NAMES:
            return _NAMES[argument](given)
        raise NotFound from None


def needs(
    action: str, *, node: str, via: Callable[[UUID], UUID] | None = None
) -> Callable[[View], View]:
    """The one decision: may the actor do `action` to the node whose id is URL argument `node`?

    Where the argument names a thing that is no node (an upload, a grant), `via` gives the node
    that decides about it, or raises NotFound. The verdict is left on `request.verdict`: it names the release that bounds the view.
    """

    def decorate(function: View) -> View:
        @wraps(function)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            node_id = _node_id(node, str(kwargs[node]))
            kwargs[node] = type(kwargs[node])(str(node_id))
            if via is not None:
                node_id = via(node_id)
            request.verdict = verdict_on(request, action, node_id)  # type: ignore[attr-defined]
            return function(request, *args, **kwargs)

        return _mark(  # type: ignore[return-value]
            guarded, EntryRule("needs", action=action, node=node)
        )

    return decorate
