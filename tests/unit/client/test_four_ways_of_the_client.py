"""The list of operations is true of the client: methods send what it says, commands exist.

That it is true of the server is tested in tests/contract.
"""

from __future__ import annotations

import inspect
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import simplr_client
from simplr_client import Session
from simplr_client.operations import ONLY_HERE, OPERATIONS, Operation
from simplr_client.reference import PAGES, command_words, commands_page

from .conftest import Handler, Site

DOCS = Path(__file__).resolve().parents[3] / "docs"
ID = "0192f0c1-0000-7000-8000-000000000004"
THING = {
    "read_count": 1,
    "wanted": True,
    "id": ID,
    "kind": "dataset",
    "title": "t",
    "state": "understood",
    "name": "n",
}
LATER = datetime(2999, 1, 1, tzinfo=UTC)


def drain(stream: object) -> None:
    with stream as download:  # type: ignore[attr-defined]
        list(download.chunks())


def some_file(folder: Path) -> Path:
    path = folder / "some.csv"
    path.write_text("name\n", encoding="utf-8")
    return path


CALLS: dict[str, Callable[[Session, Path], object]] = {
    "Session.health": lambda s, _: s.health(),
    "Session.metrics": lambda s, _: s.metrics(),
    "Session.me": lambda s, _: s.me(),
    "Session.projects": lambda s, _: s.projects(),
    "Session.create_project": lambda s, _: s.create_project("t"),
    "Session.project": lambda s, _: s.project("parks"),
    "Project.change": lambda s, _: s.project("parks").change(title="u"),
    "Project.members": lambda s, _: s.project("parks").members(),
    "Project.add_member": lambda s, _: s.project("parks").add_member("a@b.org", role="viewer"),
    "Project.remove_member": lambda s, _: s.project("parks").remove_member(ID),
    "Project.resources": lambda s, _: s.project("parks").resources(),
    "Project.contents": lambda s, _: s.project("parks").contents(),
    "Project.create_folder": lambda s, _: s.project("parks").create_folder("f"),
    "Dataset.quality": lambda s, _: s.dataset(ID).quality(),
    "Dataset.dictionary": lambda s, _: s.dataset(ID).dictionary(),
    "Dataset.import_dictionary": lambda s, f: s.dataset(ID).import_dictionary(some_file(f)),
    "Session.departure": lambda s, _: s.departure(ID),
    "Session.let_go": lambda s, _: s.let_go(ID, heir=ID),
    "Session.ask_for_access": lambda s, _: s.ask_for_access(ID, "p"),
    "Session.access_requests": lambda s, _: s.access_requests(),
    "Session.access_request": lambda s, _: s.access_request(ID),
    "Session.answer_request": lambda s, _: s.answer_request(ID, grant=False, reason="r"),
    "Session.withdraw_request": lambda s, _: s.withdraw_request(ID),
    "Dataset.comments": lambda s, _: s.dataset(ID).comments(),
    "Dataset.comment": lambda s, _: s.dataset(ID).comment("t"),
    "Session.change_comment": lambda s, _: s.change_comment(ID, "t"),
    "Session.remove_comment": lambda s, _: s.remove_comment(ID),
    "Session.notices": lambda s, _: s.notices(),
    "Session.read_notices": lambda s, _: s.read_notices(),
    "Session.alerts": lambda s, _: s.alerts(state="open"),
    "Session.alert": lambda s, _: s.alert(ID),
    "Session.decide_alert": lambda s, _: s.decide_alert(ID, "dismissed"),
    "Session.set_digest": lambda s, _: s.set_digest(True),
    "Session.folder": lambda s, _: s.folder(ID),
    "Folder.change": lambda s, _: s.folder(ID).change(title="g"),
    "Session.trash": lambda s, _: s.trash(project="parks"),
    "Session.act": lambda s, _: s.act("trash", [ID]),
    "Session.resources": lambda s, _: s.resources("trees"),
    "Session.resource": lambda s, _: s.resource(ID),
    "Resource.change": lambda s, _: s.resource(ID).change(title="u"),
    "Resource.delete": lambda s, _: s.resource(ID).delete(),
    "Resource.content": lambda s, _: drain(s.resource(ID).content()),
    "Resource.text": lambda s, _: s.resource(ID).text(),
    "Resource.preview": lambda s, _: drain(s.resource(ID).preview()),
    "Session.upload": lambda s, _: s.upload(io.BytesIO(b"a"), project="parks", name="n"),
    "Session.find_upload": lambda s, _: s.find_upload(ID),
    "Upload.understanding": lambda s, _: s.find_upload(ID).understanding(),
    "Upload.read_as": lambda s, _: s.find_upload(ID).read_as(delimiter=";"),
    "Upload.recipe": lambda s, _: s.find_upload(ID).recipe(),
    "Upload.try_recipe": lambda s, _: s.find_upload(ID).try_recipe(),
    "Upload.keep": lambda s, _: s.find_upload(ID).keep(),
    "Upload.cancel": lambda s, _: s.find_upload(ID).cancel(),
    "Dataset.describe": lambda s, _: s.dataset(ID).describe(),
    "Dataset.schema": lambda s, _: s.dataset(ID).schema(),
    "Dataset.profile": lambda s, _: s.dataset(ID).profile(),
    "Dataset.change_field": lambda s, _: s.dataset(ID).change_field("a", personal="none"),
    "Dataset.rows": lambda s, _: drain(s.dataset(ID).rows("csv")),
    "Dataset.sample": lambda s, _: s.dataset(ID).sample(),
    "Dataset.quarantine": lambda s, _: list(s.dataset(ID).quarantine()),
    "Dataset.quarantine_groups": lambda s, _: s.dataset(ID).quarantine_groups(),
    "Dataset.mend": lambda s, _: s.dataset(ID).mend([{"do": "drop", "row": 3}], preview=True),
    "Dataset.mend_by_file": lambda s, f: s.dataset(ID).mend_by_file(some_file(f), preview=True),
    "Dataset.mending": lambda s, _: s.dataset(ID).mending(ID),
    "Dataset.cancel_mending": lambda s, _: s.dataset(ID).cancel_mending(ID),
    "Dataset.save_quarantine": lambda s, f: s.dataset(ID).save_quarantine(f / "aside.csv"),
    "Session.put_again": lambda s, _: s.put_again(ID),
    "Session.recipe": lambda s, _: s.recipe(ID),
    "Resource.versions": lambda s, _: s.resource(ID).versions(),
    "Dataset.structure": lambda s, _: s.dataset(ID).structure(),
    "Dataset.compare": lambda s, _: s.dataset(ID).compare(1, 2),
    "Dataset.comparison": lambda s, _: s.dataset(ID).comparison(ID),
    "Resource.version": lambda s, _: s.resource(ID).version(1),
    "Resource.restore": lambda s, _: s.resource(ID).restore(1),
    "Project.uploads": lambda s, _: s.project("parks").uploads(),
    "Release.accept": lambda s, _: s.release(ID).accept(ID),
    "Session.change_person": lambda s, _: s.change_person(ID, active=True),
    "Session.invitations": lambda s, _: s.invitations(),
    "Session.revoke_invitation": lambda s, _: s.revoke_invitation(ID),
    "Session.licences": lambda s, _: s.licences(),
    "Session.issue_licence": lambda s, _: s.issue_licence(organisation=ID, expires_at=LATER),
    "Session.revoke_licence": lambda s, _: s.revoke_licence(ID),
    "Dataset.create_release": lambda s, _: s.dataset(ID).create_release("t", fields=["a"]),
    "Dataset.releases": lambda s, _: s.dataset(ID).releases(),
    "Dataset.preview_release": lambda s, _: s.dataset(ID).preview_release(fields=["a"]),
    "Session.release": lambda s, _: s.release(ID),
    "Session.grant": lambda s, _: s.grant(ID, "a@b.org", until=LATER),
    "Session.grants": lambda s, _: s.grants(),
    "Session.revoke": lambda s, _: s.revoke(ID),
    "Resource.grants": lambda s, _: s.resource(ID).grants(),
    "Resource.access": lambda s, _: s.resource(ID).access(),
    "Resource.why": lambda s, _: s.resource(ID).why("a@b.org"),
    "Resource.uses": lambda s, _: s.resource(ID).uses(),
    "Session.tokens": lambda s, _: s.tokens(),
    "Session.programs": lambda s, _: s.programs(),
    "Session.create_program": lambda s, _: s.create_program("p", kind="web", scopes=["x"]),
    "Session.revoke_program": lambda s, _: s.revoke_program(ID),
    "Session.program_tokens": lambda s, _: s.program_tokens(ID),
    "Session.create_token": lambda s, _: s.create_token("n", scopes=["x"], expires_at=LATER),
    "Session.revoke_token": lambda s, _: s.revoke_token(ID),
    "Session.people": lambda s, _: s.people(),
    "Session.invite": lambda s, _: s.invite("a@b.org", organisation=ID),
    "Session.organisations": lambda s, _: s.organisations(),
    "Session.create_organisation": lambda s, _: s.create_organisation("n"),
    "Session.groups": lambda s, _: s.groups(),
    "Session.create_group": lambda s, _: s.create_group("n"),
    "Session.add_to_group": lambda s, _: s.add_to_group(ID, "a@b.org"),
    "Session.remove_from_group": lambda s, _: s.remove_from_group(ID, ID),
    "Session.ledger": lambda s, _: list(s.ledger()),
    "Session.ledger_export": lambda s, folder: s.ledger_export(folder / "ledger"),
    "Session.ledger_checkpoints": lambda s, _: s.ledger_checkpoints(),
    "Session.ledger_verify": lambda s, _: s.ledger_verify(),
    "Session.scans": lambda s, _: s.scans(),
    "Session.scan": lambda s, _: s.scan(again=True),
    "Session.job": lambda s, _: s.job(ID),
    "Session.cancel_job": lambda s, _: s.cancel_job(ID),
}


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.client], ids=lambda o: o.id)
def test_a_method_sends_what_the_list_says(
    site: Site, session: Session, tmp_path: Path, operation: Operation
) -> None:
    class Anything(dict[str, object]):
        def get(self, key: str, default: object = None) -> object:
            return [lambda handler, asked: Handler.answer(handler, 200, {**THING, "items": []})]

    site.replies = Anything()  # type: ignore[assignment]

    CALLS[operation.client](session, tmp_path)

    asked = site.asked[-1]
    template = re.sub(r"\{[a-z]+\}", "[^/]+", operation.path)
    assert asked.method == operation.method
    assert re.fullmatch(f"/api/v1{template}", asked.path.partition("?")[0])


def test_every_operation_has_a_method_and_a_command_or_a_reason() -> None:
    for one in OPERATIONS:
        assert (one.client and one.command) or one.reason, one.id


def test_every_command_of_the_list_exists_and_every_command_is_in_the_list() -> None:
    listed = {one.command for one in OPERATIONS if one.command}

    assert listed - command_words() == set()
    assert command_words() - listed - set(ONLY_HERE) == set()


def test_every_method_of_the_list_exists() -> None:
    for one in OPERATIONS:
        if one.client:
            kind, _, name = one.client.partition(".")
            assert callable(getattr(getattr(simplr_client, kind), name)), one.client


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_of_reference_are_what_the_code_says(page: str) -> None:
    assert (DOCS / "reference" / page).read_text(encoding="utf-8") == PAGES[page](), (
        "run: python -m simplr_client.reference docs/reference"
    )


def test_every_public_name_is_documented() -> None:
    for name in simplr_client.__all__:
        thing = getattr(simplr_client, name)
        assert inspect.getdoc(thing), name
        for member_name, member in vars(thing).items() if inspect.isclass(thing) else ():
            if not member_name.startswith("_") and inspect.isfunction(member):
                assert inspect.getdoc(member), f"{name}.{member_name}"


def test_every_option_and_argument_that_is_not_plain_is_explained() -> None:
    assert "- `--mask FIELD=MASK`: keep, hide, pseudonym" in commands_page()


def test_every_page_that_a_user_reads_names_only_commands_that_exist() -> None:
    words = command_words()
    from simplr_client.command.parser import SERVER_COMMANDS

    known = words | set(SERVER_COMMANDS)
    for page in ("command-line.md", "python.md"):
        text = (DOCS / "how-to" / page).read_text(encoding="utf-8")
        for first, second in re.findall(r"(?m)^\s*(?:\$ )?simplr ([a-z-]+)(?: ([a-z-]+))?", text):
            assert first in known or f"{first} {second}" in known, f"{page}: {first} {second}"
