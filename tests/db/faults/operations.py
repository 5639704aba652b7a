"""The seven operations that go through the fault loop, and what must hold of each afterwards."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from tests.institute import Institute

from simplr.access import services as access
from simplr.access.models import Grant
from simplr.access.permissions import decide
from simplr.base.actors import SYSTEM
from simplr.base.jobs import Patient
from simplr.base.models import Event
from simplr.intake import services as intake
from simplr.intake import tasks
from simplr.intake.models import Upload
from simplr.resources import tasks as trash_tasks
from simplr.resources import trash_services as trash
from simplr.resources.models import Resource
from simplr.sharing import services as sharing
from simplr.sharing.models import Release
from simplr.vault import keys, rotation
from simplr.vault import services as vault
from simplr_core.access import Action

CANARY = b"xq-canary-of-the-fault-loop-7f3a"
CONTENT = b"a,b\r\n" + b"".join(b"%d,%s\r\n" % (n, CANARY) for n in range(200))


def worked(task: Callable[[], Any]) -> None:
    """Run a task as the worker does: what is away for a while is waited for, and costs nothing."""
    try:
        task()
    except Exception as error:
        if Patient().get_retry_decision(exception=error, job=SimpleNamespace(attempts=1)) is None:
            pytest.fail(f"the job would have ended for good: {error!r}")
        task()


@dataclass
class Operation:
    """One operation in an institute. `acknowledged` is what was answered with success."""

    world: Institute
    acknowledged: bool = False
    state: dict[str, Any] = field(default_factory=dict)

    def prepare(self) -> None:
        """What must be there before; nothing fails meanwhile."""

    def run(self) -> None:
        """What fails somewhere. Returning is the acknowledgement."""
        raise NotImplementedError

    def again(self) -> None:
        """What somebody does, or the worker, after it failed; nothing fails any more."""
        self.run()

    def check(self) -> None:
        """What must hold in the end."""
        raise NotImplementedError


class Uploading(Operation):
    def run(self) -> None:
        upload = intake.receive(
            project_id=self.world.project.pk,
            declared=intake.Declared(name="faulty.csv", size=len(CONTENT)),
            body=io.BytesIO(CONTENT),
            actor=self.world.actor("steward"),
        )
        self.state["upload"] = upload.pk

    def check(self) -> None:
        upload = Upload.objects.get(pk=self.state["upload"])
        assert upload.state == "received"
        assert upload.object_id is not None
        assert vault.open_object(upload.object_id).reader().read() == CONTENT
        received = Event.objects.filter(code="intake:upload:received", subject_id=upload.pk)
        assert received.count() == 1
        for one in Upload.objects.filter(name="faulty.csv", state="received"):
            intake.cancel(upload_id=one.pk, actor=self.world.actor("steward"))


class TakingIn(Operation):
    """Understanding and keeping, by the worker: an upload that was acknowledged is never lost."""

    def prepare(self) -> None:
        upload = intake.receive(
            project_id=self.world.project.pk,
            declared=intake.Declared(name="taken.csv", size=len(CONTENT)),
            body=io.BytesIO(CONTENT),
            actor=self.world.actor("steward"),
        )
        self.state["upload"] = upload.pk
        self.state["resources"] = Resource.objects.count()

    def run(self) -> None:
        upload, steward = self.state["upload"], self.world.actor("steward")
        worked(lambda: tasks.understand(str(upload)))
        if Upload.objects.get(pk=upload).state == "understood":
            intake.keep(upload_id=upload, choices={"fields": []}, actor=steward)
        worked(lambda: tasks.keep(str(upload), str(steward.person_id)))

    def check(self) -> None:
        upload = Upload.objects.get(pk=self.state["upload"])
        assert upload.state == "kept", (upload.state, upload.error_code)
        assert Resource.objects.count() == self.state["resources"] + 1
        assert upload.resource is not None
        version = upload.resource.versions.get()
        assert (version.rows_in, version.rows_kept, version.rows_quarantined) == (200, 200, 0)
        kept = Event.objects.filter(code="intake:upload:kept", subject_id=upload.pk)
        assert kept.count() == 1


class Releasing(Operation):
    def run(self) -> None:
        self.state["release"] = sharing.create_release(
            dataset_id=self.world.dataset.pk,
            definition=sharing.Definition(
                title="Faulty", fields=({"name": "nature", "mask": {"kind": "keep"}},), where=""
            ),
            actor=self.world.actor("steward"),
            personal=True,
        ).pk

    def check(self) -> None:
        assert Release.objects.filter(pk=self.state["release"]).exists()
        added = Event.objects.filter(code="sharing:release:added").values_list(
            "subject_id", flat=True
        )
        assert sorted(added) == sorted(Release.objects.values_list("pk", flat=True))


class Granting(Operation):
    def run(self) -> None:
        granted = access.give_grant(
            node_id=self.world.file.pk,
            to=access.Grantee(person_id=self.world.stranger.id),
            actions=[Action.DOWNLOAD],
            actor=self.world.actor("steward"),
        )
        self.state["grant"] = granted.grant.id

    def check(self) -> None:
        stranger = self.world.actor("stranger")
        assert decide(actor=stranger, action="download", node_id=self.world.file.pk).allowed
        given = Event.objects.filter(code="access:grant:given").values_list("subject_id", flat=True)
        assert sorted(given) == sorted(Grant.objects.values_list("id", flat=True))
        for grant in Grant.objects.filter(person_id=self.world.stranger.id, revoked_at=None):
            access.revoke_grant(grant_id=grant.id, actor=self.world.actor("steward"))


class Revoking(Operation):
    def prepare(self) -> None:
        granted = access.give_grant(
            node_id=self.world.file.pk,
            to=access.Grantee(person_id=self.world.stranger.id),
            actions=[Action.DOWNLOAD],
            actor=self.world.actor("steward"),
        )
        self.state["grant"] = granted.grant.id

    def run(self) -> None:
        access.revoke_grant(grant_id=self.state["grant"], actor=self.world.actor("steward"))

    def again(self) -> None:
        if Grant.objects.get(id=self.state["grant"]).revoked_at is None:
            self.run()

    def check(self) -> None:
        assert not decide(
            actor=self.world.actor("stranger"), action="download", node_id=self.world.file.pk
        ).allowed
        revoked = Event.objects.filter(code="access:grant:revoked")
        ended = Grant.objects.filter(revoked_at__isnull=False).values_list("id", flat=True)
        assert sorted(revoked.values_list("subject_id", flat=True)) == sorted(ended)


class Rotating(Operation):
    """The root key and the key of a project; every object opens before, within and after."""

    def run(self) -> None:
        root_key_id, _count = rotation.rotate_root_key(actor=SYSTEM)
        rotation.promote_root_key(root_key_id)
        rotation.rotate_project_key(
            project_id=self.world.project.pk, actor=SYSTEM, now=timezone.now()
        )
        self.state["root"] = root_key_id

    def again(self) -> None:
        keys.forget()
        open_everything()
        self.run()

    def check(self) -> None:
        keys.forget()
        status = keys.agent().status()
        assert (status.root_key_id, status.staged_key_id) == (self.state["root"], None)
        left = keys.ProjectKey.objects.exclude(root_key_id=self.state["root"])
        assert not left.filter(wrapped__isnull=False).exists()


class Erasing(Operation):
    """Trash, order and erasure of a file; the worker does the last."""

    def prepare(self) -> None:
        from tests.institute import put

        content = CANARY + os.urandom(1000)
        name = f"erase-{UUID(bytes=os.urandom(16))}.bin"
        made = put(
            self.world.project,
            self.world.actor("steward"),
            name=name,
            content=content,
            wanted_as="file",
        )
        self.state |= {"resource": made.pk, "content": content}
        self.state["object"] = made.versions.get().original_id

    def run(self) -> None:
        node, owner = self.state["resource"], self.world.actor("owner")
        trash.put_in_trash(node_id=node, actor=owner)
        trash.order_erasure(node_id=node, actor=owner)
        worked(lambda: trash_tasks.erase(str(node)))

    def again(self) -> None:
        node, owner = self.state["resource"], self.world.actor("owner")
        if Resource.objects.filter(pk=node).exists():
            kept = vault.SealedObject.objects.get(id=self.state["object"])
            if kept.wrapped is not None:
                assert vault.open_object(kept.id).reader().read() == self.state["content"]
            if not trash.Trashed.objects.filter(pk=node).exists():
                trash.put_in_trash(node_id=node, actor=owner)
            trash.order_erasure(node_id=node, actor=owner)
        worked(lambda: trash_tasks.erase(str(node)))

    def check(self) -> None:
        assert not Resource.objects.filter(pk=self.state["resource"]).exists()
        erased = vault.SealedObject.objects.get(id=self.state["object"])
        assert erased.wrapped is None
        assert self.state["object"] not in set(vault.store().ids())
        events = Event.objects.filter(
            code="resources:resource:erased", node_id=self.state["resource"]
        )
        assert events.count() == 1


OPERATIONS: dict[str, type[Operation]] = {
    "upload": Uploading,
    "intake": TakingIn,
    "release": Releasing,
    "grant": Granting,
    "revoke": Revoking,
    "rotate": Rotating,
    "erase": Erasing,
}


def open_everything() -> None:
    """Every object that has a key and bytes opens, whole."""
    alive = vault.SealedObject.objects.filter(wrapped__isnull=False, stored_at__isnull=False)
    for id_ in alive.values_list("id", flat=True):
        vault.open_object(id_).reader().read()


def settle() -> None:
    """What the worker does within a day: end what was cut off, sweep, rewrap."""
    past = timezone.now() - timedelta(hours=2)
    Upload.objects.filter(state="receiving").update(changed_at=past)
    tasks.end_interrupted_uploads(0)
    rotation.rewrap_what_was_left()
    for later in (timedelta(minutes=1), timedelta(hours=25)):
        vault.sweep(claimed=vault_claims, now=timezone.now() + later)


def vault_claims(ids: Any) -> set[UUID]:
    from simplr.vault import claims

    return claims.claimed(ids)
