"""The institute with canaries in it: what was released, and everything round it that was not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from tests.institute import Institute, put
from tests.web.attack.canaries import CONDITION, SHOWN, Canaries, choices, planted

from simplr.access import services as access
from simplr.access.models import Grant
from simplr.access.tokens import issue_access_token
from simplr.datasets import dictionary_services as datasets
from simplr.intake.models import Upload
from simplr.projects.services import create_project
from simplr.resources import queries as resources
from simplr.resources import services as describing
from simplr.resources.models import Resource
from simplr.sharing import services as sharing
from simplr.sharing.models import Release
from simplr.vault.models import SealedObject
from simplr_core.access import Action


@dataclass(frozen=True, kw_only=True)
class World:
    """What an attacker knows, guesses, or should never see."""

    institute: Institute
    canaries: Canaries
    dataset: Resource
    release: Release
    hidden_release: Release
    hidden_file: Resource
    hidden_dataset: Resource
    link: str
    token: str
    ids: tuple[UUID, ...]
    """Ids of every kind of thing, as if somebody had guessed them."""


def plant(institute: Institute) -> World:
    """Put canaries into the institute's project, release a part of one data set, grant that."""
    canaries = Canaries()
    steward, owner = institute.actor("steward"), institute.actor("owner")
    dataset = put(
        institute.project,
        steward,
        name=canaries.text("file name") + ".csv",
        content=planted(canaries),
        title="Household visits",
        fields=choices(),
    )
    first = resources.version_of(dataset.pk)
    for name in ("dossier", "mail", "region"):
        datasets.change_field(
            version=first,
            name=name,
            changes={
                "meaning": canaries.text(f"meaning of {name}"),
                "title": canaries.text(f"title of {name}"),
            },
            actor=steward,
        )
    release = _release(dataset, steward, title="Visits, northern part", fields=SHOWN)
    # Beside it: a newer version, another release, another data set, a file, a project's aims.
    put(
        institute.project,
        steward,
        name=canaries.text("file name of a newer version") + ".csv",
        content=planted(canaries, version=2, hidden=True),
        resource=dataset,
        fields=choices(),
    )
    hidden_release = sharing.create_release(
        dataset_id=dataset.pk,
        definition=sharing.Definition(
            title=canaries.text("title of another release"),
            purpose=canaries.text("purpose of another release"),
            fields=[{"name": "dossier", "mask": {"kind": "keep"}}],
            version="1",
        ),
        actor=steward,
        personal=True,
    )
    hidden_dataset = put(
        institute.project,
        steward,
        name=canaries.text("file name of another data set") + ".csv",
        content=planted(canaries, version=3, hidden=True),
        title=canaries.text("title of another data set"),
        fields=choices(),
    )
    hidden_file = put(
        institute.project,
        steward,
        name=canaries.text("name of a file") + ".txt",
        content=(canaries.text("text of a file") + "\n").encode() * 40,
        title=canaries.text("title of a file"),
        wanted_as="file",
    )
    describing.change_resource(
        resource_id=hidden_file.pk,
        changes={"description": canaries.text("description of a file")},
        actor=steward,
    )
    other_project = create_project(
        title=canaries.text("title of a project"),
        aims=canaries.text("aims of a project"),
        actor=owner,
    )
    put(
        other_project,
        owner,
        name="other.csv",
        content=planted(canaries, version=4, hidden=True),
        title=canaries.text("title of a data set of another project"),
        fields=choices(),
    )
    access.give_grant(
        node_id=hidden_dataset.pk,
        to=access.Grantee(person_id=institute.analyst.id),
        actions=[Action.READ],
        note=canaries.text("note of somebody else's grant"),
        actor=steward,
    )
    access.give_grant(
        node_id=dataset.pk,
        to=access.Grantee(person_id=institute.colleague.id),
        actions=[Action.DOWNLOAD],
        actor=steward,
        release_id=release.pk,
    )
    link = access.give_grant(
        node_id=dataset.pk,
        to=access.Grantee(link=True),
        actions=[Action.DOWNLOAD],
        actor=steward,
        release_id=release.pk,
        until=timezone.now() + timedelta(days=1),
    )
    token = issue_access_token(
        name="for analysis",
        scopes=["resource:download", "grant:read", "project:discover"],
        expires_at=timezone.now() + timedelta(days=1),
        actor=institute.actor("colleague"),
    )
    return World(
        institute=institute,
        canaries=canaries,
        dataset=dataset,
        release=release,
        hidden_release=hidden_release,
        hidden_file=hidden_file,
        hidden_dataset=hidden_dataset,
        link=link.link_secret,
        token=token.secret,
        ids=_every_kind_of_id(institute, dataset, hidden_file, hidden_dataset, hidden_release),
    )


def _release(dataset: Resource, actor: object, *, title: str, fields: object) -> Release:
    return sharing.create_release(
        dataset_id=dataset.pk,
        definition=sharing.Definition(title=title, fields=fields, where=CONDITION),  # type: ignore[arg-type]
        actor=actor,  # type: ignore[arg-type]
        personal=True,
    )


def _every_kind_of_id(institute: Institute, *things: Resource | Release) -> tuple[UUID, ...]:
    dataset = things[0]
    versions = resources.versions_for(institute.actor("steward"), dataset.pk)
    some = [
        institute.project.pk,
        *(thing.pk for thing in things),
        *(version.pk for version in versions),
        *Release.objects.filter(resource=dataset).values_list("pk", flat=True),
        *Upload.objects.order_by("id").values_list("id", flat=True)[:2],
        *Grant.objects.order_by("id").values_list("id", flat=True)[:2],
        *SealedObject.objects.order_by("id").values_list("id", flat=True)[:1],
        institute.steward.id,
        institute.streets.id,
    ]
    return tuple(dict.fromkeys(some))
