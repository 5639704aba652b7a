"""Who may do what to a thing, and why: sentences made from the same decision that is taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from simplr.access.facts import NOBODY, Known, known_of_people, node_known
from simplr.access.models import Grant
from simplr.access.permissions import decide_for
from simplr.access.reaching import ProgramReach, people_concerned, programs_reaching
from simplr.accounts.models import Person
from simplr.base.models import Event
from simplr.sharing.models import Release
from simplr_core.access import Action, NodeFacts, Verdict
from simplr_core.errors import NotFound

SHOWN_ACTIONS = (Action.DISCOVER, Action.READ, Action.DOWNLOAD, Action.WRITE, Action.MANAGE)
USES = (
    "sharing:rows:read",
    "sharing:sample:read",
    "resources:content:read",
    "resources:preview:read",
    "sharing:profile:read",
    "sharing:versions:compared",
)


@dataclass(frozen=True, kw_only=True)
class AccessRow:
    """What one person may do to a thing: per action `yes`, `part` (under a release) or `no`."""

    person_id: UUID
    name: str
    organisation: str
    because: str
    actions: Mapping[str, str]
    personal: bool
    until: datetime | None
    grant_id: UUID | None
    """The grant of the person himself that opens it, which can be revoked."""
    programs: tuple[ProgramReach, ...] = ()
    """Those that he allows at present to reach it for him."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The answer to "why may he see this?"."""

    allowed: bool
    code: str
    sentence: str
    via: str
    role: str
    grant_id: UUID | None
    release_id: UUID | None
    release_title: str
    granted_by: str
    granted_at: datetime | None
    until: datetime | None
    personal: bool
    grant_is_own: bool = False
    """Whether the grant names the person, not a group or an organisation."""


def _node(node_id: UUID) -> NodeFacts:
    node = node_known(node_id, now=timezone.now())
    if node is None or node.deleted:
        raise NotFound
    return node


class _Readings:
    """What is known of some people at a node and its releases: each node is read for all of them."""

    def __init__(self, people: Iterable[Person], node: NodeFacts) -> None:
        self.node = node
        self.now = timezone.now()
        self._ids = [person.id for person in people]
        self._known: dict[UUID, dict[UUID, Known]] = {}
        self._nodes: dict[UUID, NodeFacts | None] = {}
        self._grants: dict[UUID, Grant] = {}
        self._releases: dict[UUID, Release] = {}

    def known(self, person_id: UUID, node: NodeFacts) -> Known:
        if node.id not in self._known:
            self._known[node.id] = known_of_people(self._ids, now=self.now, at=node)
        return self._known[node.id].get(person_id, NOBODY)

    def release_node(self, release_id: UUID) -> NodeFacts | None:
        if release_id not in self._nodes:
            self._nodes[release_id] = node_known(release_id, now=self.now)
        return self._nodes[release_id]

    def grant(self, grant_id: UUID) -> Grant | None:
        """A grant on the node or above it: all of them are read with the first."""
        if not self._grants:
            found = Grant.objects.filter(node_id__in=self.node.path)
            self._grants = found.select_related("granted_by").in_bulk()
        return self._grants.get(grant_id)

    def release(self, release_id: UUID) -> Release | None:
        if not self._releases:
            self._releases = Release.objects.filter(node__path__overlap=[self.node.id]).in_bulk()
        return self._releases.get(release_id)


class _Case:
    """One person before one node."""

    def __init__(self, person: Person, readings: _Readings) -> None:
        self.person = person
        self.node = readings.node
        self.readings = readings
        self._now = readings.now
        self._known = readings.known(person.id, readings.node)

    def verdict(self, action: Action) -> Verdict:
        return decide_for(self._known, action=action, node=self.node, now=self._now)

    def through_a_release(self, action: Action, refusal: Verdict) -> Verdict:
        """What one of the releases that a refusal names allows; else the refusal itself."""
        for release_id in sorted(refusal.releases):
            release = self.readings.release_node(release_id)
            if release is None or release.deleted:
                continue
            known = self.readings.known(self.person.id, release)
            through = decide_for(known, action=action, node=release, now=self._now)
            if through.allowed:
                return through
        return refusal


def access_to(resource_id: UUID) -> list[AccessRow]:
    """One row for everybody who may know something of a resource."""
    node = _node(resource_id)
    people = list(people_concerned(node)[:1000])
    readings = _Readings(people, node)
    found = (_row(_Case(person, readings)) for person in people)
    rows = [row for row in found if row is not None]
    programs = programs_reaching(node, [row.person_id for row in rows])
    return [replace(row, programs=programs.get(row.person_id, ())) for row in rows]


def _row(case: _Case) -> AccessRow | None:
    person = case.person
    verdicts = {action: case.verdict(action) for action in SHOWN_ACTIONS}
    if not verdicts[Action.DISCOVER].allowed:
        return None
    shown: dict[str, str] = {}
    for action, verdict in verdicts.items():
        if verdict.allowed:
            shown[action.value] = "yes"
        elif (
            action in {Action.READ, Action.DOWNLOAD}
            and case.through_a_release(action, verdict).allowed
        ):
            shown[action.value] = "part"
        else:
            shown[action.value] = "no"
    reason = _explained(case, Action.DISCOVER)
    return AccessRow(
        person_id=person.id,
        name=person.name,
        organisation=person.organisation.name if person.organisation else "",
        because=reason.release_title or reason.role or reason_words(reason.via),
        actions=shown,
        personal=verdicts[Action.READ].allowed and verdicts[Action.READ].personal,
        until=reason.until,
        grant_id=reason.grant_id if reason.grant_is_own else None,
    )


def row_of(*, person_id: UUID, node_id: UUID) -> AccessRow | None:
    """What one person may do to a thing; None for nothing. Raises NotFound."""
    person = Person.objects.select_related("organisation").filter(pk=person_id).first()
    if person is None:
        raise NotFound
    return _row(_case(person, node_id))


def reason_words(via: str) -> str:
    """By what right, where it is neither a release nor a role."""
    return {
        "owner": _("owns it"),
        "grant": _("a grant of all of it"),
        "auditor": _("auditor"),
        "administrator": _("administrator"),
    }.get(via, via)


def explain(*, person_id: UUID, node_id: UUID, action: str) -> Explanation:
    """Why a person may, or may not, do `action`: from the decision itself. Raises NotFound."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFound
    return _explained(_case(person, node_id), Action(action))


def _case(person: Person, node_id: UUID) -> _Case:
    return _Case(person, _Readings([person], _node(node_id)))


def _explained(case: _Case, action: Action) -> Explanation:
    verdict = case.verdict(action)
    if not verdict.allowed:
        verdict = case.through_a_release(action, verdict)
    grant = case.readings.grant(verdict.grant_id) if verdict.grant_id else None
    release = case.readings.release(verdict.release_id) if verdict.release_id else None
    return Explanation(
        allowed=verdict.allowed,
        code=verdict.code,
        sentence=_sentence(case.person, action.value, verdict, grant, release),
        via=verdict.via.value if verdict.via else "",
        role=str(verdict.sentence.params.get("role", "")),
        grant_id=verdict.grant_id,
        release_id=verdict.release_id,
        release_title=release.title if release else "",
        granted_by=grant.granted_by.name if grant else "",
        granted_at=grant.granted_at if grant else None,
        until=grant.until if grant else None,
        personal=verdict.personal,
        grant_is_own=grant is not None and grant.person_id == case.person.id,
    )


def _sentence(
    person: Person,
    action: str,
    verdict: Verdict,
    grant: Grant | None,
    release: Release | None,
) -> str:
    words: dict[str, Any] = {
        "name": person.name,
        "action": action_words()[action],
        "role": verdict.sentence.params.get("role", ""),
        "giver": grant.granted_by.name if grant else "",
        "until": grant.until.strftime("%-d %B %Y, %H:%M") if grant and grant.until else "",
        "release": release.title if release else "",
        "conditions": verdict.sentence.params.get("conditions", ""),
    }
    return _texts().get(verdict.sentence.code, _("%(name)s may not %(action)s this.")) % words + (
        _(" It ends on %(until)s.") % words if words["until"] else ""
    )


def action_words() -> dict[str, str]:
    """The six actions as words in a sentence."""
    return {
        "discover": _("know of"),
        "describe": _("see the description of"),
        "read": _("read"),
        "download": _("download"),
        "write": _("change"),
        "manage": _("decide about"),
    }


def _texts() -> dict[str, str]:
    return {
        "owner": _("%(name)s owns it, and so may %(action)s it."),
        "role": _("%(name)s is %(role)s in this project, and so may %(action)s it."),
        "grant": _("%(giver)s granted it to %(name)s, who may %(action)s it."),
        "grant-under-release": _(
            "%(giver)s granted %(name)s the release “%(release)s”: exactly that may be seen."
        ),
        "auditor": _("%(name)s is auditor, and so may know that it exists; no more."),
        "administrator": _("%(name)s is administrator, and so may know of the project; no more."),
        "inactive": _("%(name)s may not: the account is not active."),
        "unlicensed": _("%(name)s may not: there is no valid licence."),
        "release-only": _("%(name)s may see a release of it, not the whole."),
        "conditions-missing": _("%(name)s must first fulfil: %(conditions)s."),
        "not-granted": _("%(name)s may not %(action)s this: nobody granted it."),
    }


@dataclass(frozen=True, kw_only=True)
class Use:
    """One reading of a resource, as its owner sees it."""

    at: datetime
    code: str
    outcome: str
    person: str
    actor_kind: str
    release_title: str
    format: str


def uses_of(resource_id: UUID, *, limit: int = 200) -> list[Use]:
    """Who used a resource, the newest first: FERPA 34 CFR 99.32 asks for such a list."""
    rows = list(Event.objects.filter(node_id=resource_id, code__in=USES).order_by("-id")[:limit])
    names = dict(
        Person.objects.filter(id__in={row.actor_id for row in rows if row.actor_id}).values_list(
            "id", "name"
        )
    )
    titles = dict(
        Release.objects.filter(
            pk__in={row.subject_id for row in rows if row.subject_kind == "release"}
        ).values_list("node_id", "title")
    )
    return [
        Use(
            at=row.at,
            code=row.code,
            outcome=row.outcome,
            person=names.get(row.actor_id, "") if row.actor_id else "",
            actor_kind=row.actor_kind,
            release_title=titles.get(row.subject_id, "") if row.subject_id else "",
            format=str(row.details.get("format", "")),
        )
        for row in rows
    ]
