"""Whether a version may be shared, or read by somebody: the one place that decides.

Giving (a grant, a release, an accepted version) and every way of reading content ask here, after
the decision about rights; what flows asks again. The rule itself is `simplr_core.access.scans`.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from simplr.access.models import RoleAssignment
from simplr.base.actors import Actor
from simplr.resources.models import Version
from simplr_core.access import Role, scans
from simplr_core.access.scans import HeldBack


def is_required() -> bool:
    """Whether this installation has a scanner: then nothing is shared that was not scanned."""
    return bool(settings.ENV.scanner_url)


def check_shareable(version: Version) -> None:
    """Return quietly if others may be given this version. Raises FileInfected or FileNotScanned."""
    scans.check_shareable(version.scan_facts, is_required=is_required())


def reason_held_back(version: Version) -> HeldBack | None:
    """Why others may not be given this version; None where they may."""
    try:
        check_shareable(version)
    except HeldBack as error:
        return error
    return None


def check_may_leave(version: Version, *, actor: Actor) -> None:
    """Return quietly if the actor, who has the right to it, may get what is in this version.

    Raises FileInfected or FileNotScanned.
    """
    if reason_held_back(version) is None:
        return  # most are clean, and whose they are need not be asked
    scans.check_may_leave(
        version.scan_facts, is_required=is_required(), is_own=_is_own(version, actor)
    )


def may_leave(version: Version, *, actor: Actor) -> bool:
    """`check_may_leave`, as an answer."""
    return refusal_of(version, actor=actor) is None


def may_still_leave(version_id: UUID, *, actor: Actor) -> bool:
    """`may_leave` by what is known by now: for what is flowing."""
    version = Version.objects.select_related("node", "resource").filter(pk=version_id).first()
    return version is not None and may_leave(version, actor=actor)


def refusal_of(version: Version, *, actor: Actor) -> HeldBack | None:
    """Why the actor may not get what is in this version; None where he may."""
    try:
        check_may_leave(version, actor=actor)
    except HeldBack as error:
        return error
    return None


def _is_own(version: Version, actor: Actor) -> bool:
    """Whether he put it in, or owns its project. Both know already what they have."""
    if actor.person_id is None:
        return False
    if version.node.owner_id == actor.person_id:
        return True
    return RoleAssignment.objects.filter(
        person_id=actor.person_id, node_id=version.resource.project_id, role=Role.OWNER.value
    ).exists()
