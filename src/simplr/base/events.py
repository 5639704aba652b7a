"""Writing the ledger's facts: in the same transaction as the change, or not at all.

A sensitive act whose event cannot be written fails with LedgerUnavailable and leaves nothing
behind, since the caller's transaction rolls back.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.utils import timezone

from simplr.base import once
from simplr.base.actors import Actor
from simplr.base.ids import network as network
from simplr.base.ids import request_id as request_id
from simplr.base.models import Event as EventRow
from simplr_core.errors import Unavailable


class LedgerUnavailable(Unavailable):
    """The ledger cannot record now, so nothing was done. Try again later."""

    code = "ledger-unavailable"


class Event(StrEnum):
    """Every fact that the ledger knows: `app:subject:past-participle`."""

    PERSON_SIGNED_IN = "accounts:session:opened"
    PERSON_SIGN_IN_FAILED = "accounts:session:refused"
    PERSON_SIGNED_OUT = "accounts:session:closed"
    SESSIONS_ENDED = "accounts:session:ended"
    PERSON_ADDED = "accounts:person:added"
    PERSON_CHANGED = "accounts:person:changed"
    PERSON_DEACTIVATED = "accounts:person:deactivated"
    PERSON_LET_GO = "accounts:person:let-go"
    PERSON_REACTIVATED = "accounts:person:reactivated"
    PASSWORD_CHANGED = "accounts:password:changed"  # noqa: S105 - an event code
    FACTOR_ADDED = "accounts:factor:added"
    FACTOR_REMOVED = "accounts:factor:removed"
    ORGANISATION_ADDED = "accounts:organisation:added"
    ORGANISATION_CHANGED = "accounts:organisation:changed"
    GROUP_ADDED = "accounts:group:added"
    GROUP_MEMBER_ADDED = "accounts:group-member:added"
    GROUP_MEMBER_REMOVED = "accounts:group-member:removed"
    INVITATION_SENT = "accounts:invitation:issued"
    INVITATION_ACCEPTED = "accounts:invitation:accepted"
    INVITATION_REVOKED = "accounts:invitation:revoked"
    SIGNIN_LINK_ISSUED = "accounts:signin-link:issued"
    SIGNIN_LINK_USED = "accounts:signin-link:redeemed"
    DIGEST_CHOSEN = "accounts:digest:chosen"
    DIGEST_SENT = "accounts:digest:sent"
    OFFICE_GIVEN = "accounts:office:given"
    OFFICE_TAKEN = "accounts:office:taken"
    LICENCE_ISSUED = "licensing:licence:issued"
    LICENCE_REVOKED = "licensing:licence:revoked"
    TOKEN_ISSUED = "access:token:issued"  # noqa: S105 - an event code
    TOKEN_REVOKED = "access:token:revoked"  # noqa: S105 - an event code
    TOKEN_SUSPENDED = "access:token:suspended"  # noqa: S105 - an event code
    TOKEN_RESUMED = "access:token:resumed"  # noqa: S105 - an event code
    TOKEN_RENEWED = "access:token:renewed"  # noqa: S105 - an event code
    PROGRAM_REGISTERED = "access:program:registered"
    PROGRAM_REVOKED = "access:program:revoked"
    PROGRAM_ALLOWED = "access:program:allowed"
    ROLE_GIVEN = "access:role:given"
    ROLE_TAKEN = "access:role:taken"
    GRANT_GIVEN = "access:grant:given"
    GRANT_REVOKED = "access:grant:revoked"
    ACCESS_ASKED = "access:request:made"
    ACCESS_GRANTED = "access:request:granted"
    ACCESS_DECLINED = "access:request:declined"
    ACCESS_WITHDRAWN = "access:request:withdrawn"
    ACCESS_LAPSED = "access:request:lapsed"
    LINK_OPENED = "access:link:opened"
    LINK_REFUSED = "access:link:refused"
    ENTRY_REFUSED = "access:entry:refused"
    PROJECT_ADDED = "projects:project:added"
    PROJECT_CHANGED = "projects:project:changed"
    RESOURCE_ADDED = "resources:resource:added"
    RESOURCE_CHANGED = "resources:resource:changed"
    RESOURCE_MOVED = "resources:resource:moved"
    FOLDER_ADDED = "resources:folder:added"
    FOLDER_CHANGED = "resources:folder:changed"
    RESOURCE_TRASHED = "resources:resource:trashed"
    RESOURCE_BROUGHT_BACK = "resources:resource:brought-back"
    ERASURE_ORDERED = "resources:erasure:ordered"
    RESOURCE_ERASED = "resources:resource:erased"
    VERSION_ADDED = "resources:version:added"
    VERSION_RESTORED = "datasets:version:restored"
    ORIGINAL_SCANNED = "resources:original:scanned"
    ORIGINAL_INFECTED = "resources:original:found-infected"
    SCAN_ORDERED = "resources:scan:ordered"
    CONTENT_READ = "resources:content:read"
    PREVIEW_READ = "resources:preview:read"
    COMMENT_ADDED = "datasets:comment:added"
    COMMENT_CHANGED = "datasets:comment:changed"
    COMMENT_REMOVED = "datasets:comment:removed"
    FIELD_CHANGED = "datasets:field:changed"
    DICTIONARY_IMPORTED = "datasets:dictionary:imported"
    UPLOAD_BEGUN = "intake:upload:begun"
    UPLOAD_RECEIVED = "intake:upload:received"
    UPLOAD_CUT_OFF = "intake:upload:cut-off"
    UPLOAD_CANCELLED = "intake:upload:cancelled"
    UPLOAD_UNDERSTOOD = "intake:upload:understood"
    UPLOAD_READ_AS = "intake:upload:read-as"
    UPLOAD_KEPT = "intake:upload:kept"
    UPLOAD_FAILED = "intake:upload:failed"
    RELEASE_ADDED = "sharing:release:added"
    RELEASE_ACCEPTED = "sharing:release:accepted"
    RELEASE_ENDED = "sharing:release:ended"
    RELEASE_REVIEWED = "sharing:release:previewed"
    ROWS_READ = "sharing:rows:read"
    ROWS_CUT_OFF = "sharing:rows:cut-off"
    SAMPLE_READ = "sharing:sample:read"
    PROFILE_READ = "sharing:profile:read"
    VERSIONS_COMPARED = "sharing:versions:compared"
    QUARANTINE_READ = "sharing:quarantine:read"
    QUARANTINE_EXPORTED = "sharing:quarantine:exported"
    QUARANTINE_MENDED = "sharing:quarantine:mended"
    RECIPE_READ = "sharing:recipe:read"
    ACCESS_EXPLAINED = "access:decision:explained"
    STORE_UNSEALED = "vault:store:unsealed"
    STORE_UNSEAL_REFUSED = "vault:store:unseal-refused"
    ROOT_KEY_ROTATED = "vault:root-key:rotated"
    PROJECT_KEY_ROTATED = "vault:project-key:rotated"
    OBJECT_DAMAGED = "vault:object:damaged"
    OBJECT_MENDED = "vault:object:mended"
    OBJECT_SWEPT = "vault:object:swept"
    ALERT_RAISED = "analysis:alert:raised"
    ALERT_DISMISSED = "analysis:alert:dismissed"
    ALERT_CONFIRMED = "analysis:alert:confirmed"
    LEDGER_READ = "operations:ledger:read"
    LEDGER_EXPORTED = "operations:ledger:exported"
    BACKUP_TAKEN = "operations:backup:taken"
    INSTALLATION_RESTORED = "operations:installation:restored"
    JOB_FAILED = "operations:job:failed"
    ERROR_RAISED = "operations:error:raised"


def record(
    *,
    code: Event,
    actor: Actor,
    outcome: str = "ok",
    node_id: UUID | None = None,
    project_id: UUID | None = None,
    organisation_id: UUID | None = None,
    subject: tuple[str, UUID | None] | None = None,
    details: Mapping[str, Any] | None = None,
) -> UUID:
    """Write one event in the running transaction and return its id.

    `details` holds ids, counts and words of ours; never a value of a cell, a name or a secret. The
    network that the request came from is added as a keyed digest (`addresses.network_of`).
    Raises LedgerUnavailable when the row cannot be written.
    """
    once.forget()
    came_from = network.get()
    try:
        row = EventRow.objects.create(
            at=timezone.now(),
            code=code.value,
            outcome=outcome,
            actor_kind=actor.kind,
            actor_id=actor.id,
            token_id=actor.token_id,
            organisation_id=organisation_id,
            project_id=project_id,
            node_id=node_id,
            subject_kind=subject[0] if subject else "",
            subject_id=subject[1] if subject else None,
            request_id=request_id.get(),
            details=dict(details or {}) | ({"network": came_from} if came_from else {}),
        )
    except DatabaseError as error:
        raise LedgerUnavailable from error
    return row.id
