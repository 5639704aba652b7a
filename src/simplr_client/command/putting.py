"""Sending files in: look at what was understood, correct it, keep it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simplr_client.command import kept, layout, reading_as, recipes
from simplr_client.command.parser import Subparsers
from simplr_client.command.statuses import DONE, SOME, exit_status
from simplr_client.command.terminal import Terminal, Usage, error_document, error_text
from simplr_client.errors import Conflict, Invalid, SimplrError
from simplr_client.tree import Leaf, Tree, leaves

if TYPE_CHECKING:
    from simplr_client.upload import Upload

Json = dict[str, Any]


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    put = commands.add_parser("put", help="send files; tables are recognised, typed and profiled")
    put.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="files to send; a folder with all in it; - reads stdin",
    )
    put.add_argument("--project", metavar="P", help="the project's id or slug")
    put.add_argument("--name", metavar="N", help="what the resource is called (one file only)")
    put.add_argument(
        "--as",
        dest="as_",
        choices=("auto", "table", "file"),
        default="auto",
        help="keep it as a data set or as a file (else as it is recognised)",
    )
    put.add_argument(
        "--into",
        "--version-of",
        dest="into",
        metavar="ID",
        help="make it the next version of this resource (its id or exact title)",
    )
    put.add_argument(
        "--mode",
        choices=("replace", "append", "upsert"),
        help="what the next version holds: these rows alone, after those that are there, or in the "
        "places of those with the same key",
    )
    put.add_argument("--key", metavar="A,B", help="with upsert: the fields that tell rows apart")
    put.add_argument(
        "--widen",
        action="store_true",
        help="with append or upsert: take new fields in, and make text of what is of two types",
    )
    put.add_argument(
        "--folder",
        metavar="FOLDER",
        help="where it lies: the id of a folder, or the way to it from the project",
    )
    put.add_argument("--yes", action="store_true", help="keep what is understood without asking")
    put.add_argument(
        "--set",
        action="append",
        default=[],
        dest="corrections",
        metavar="FIELD:KEY=VALUE",
        help="correct a field first: FIELD:type=date, FIELD:personal=none, FIELD:format=%%d/%%m/%%Y, "
        "FIELD:name=NEW, FIELD:missing=NA,-9999",
    )
    reading_as.add_arguments(put)
    put.add_argument(
        "--recipe", metavar="FILE", help="follow the recipe in FILE (see `simplr recipe export`)"
    )
    put.add_argument(
        "--skip-unfit",
        action="store_true",
        help="leave out steps of the recipe that do not fit the file, and name them",
    )
    put.set_defaults(run=put_files)
    uploads = commands.add_parser("uploads", help="list files on their way in")
    uploads.add_argument("--project", required=True, metavar="P", help="the project's id or slug")
    uploads.add_argument("--cancel", metavar="ID", help="give this one up; what arrived is erased")
    uploads.set_defaults(run=list_uploads)


def list_uploads(arguments: argparse.Namespace) -> None:
    """List the files put into a project, and what became of each."""
    terminal: Terminal = arguments.terminal
    if arguments.cancel:
        terminal.session().find_upload(arguments.cancel).cancel()
    found = [one.data for one in terminal.session().project(arguments.project).uploads()]
    rows = [
        (
            one.get("name"),
            layout.size(one.get("size")),
            layout.size(one.get("received")),
            one.get("state"),
            (one.get("error") or {}).get("message"),
            layout.moment(one.get("created_at")),
            one.get("id"),
        )
        for one in found
    ]
    headings = ("file", "size", "arrived", "state", "reason", "since", "id")
    terminal.answer({"items": found}, layout.table(headings, rows, right=["size", "arrived"]))


def put_files(arguments: argparse.Namespace) -> int:
    """Send each file, show what was understood, keep it. Some failed: exit status 8."""
    from simplr_client.masks import parse_corrections

    terminal: Terminal = arguments.terminal
    several = len(arguments.files) > 1 or any(map(_is_folder, arguments.files))
    if several and (arguments.name or arguments.into):
        raise Usage("--name and --into are for one file at a time.")
    if not (arguments.project or arguments.into):
        raise Usage("Say where to: --project P, or --into ID of what this is a version of.")
    if arguments.folder and not arguments.project:
        raise Usage("--folder is a place in a project: say --project P too.")
    if (arguments.mode or arguments.key or arguments.widen) and not arguments.into:
        raise Usage("--mode, --key and --widen are for a file that goes --into a data set.")
    if "-" in arguments.files and not arguments.name:
        raise Usage("Say what stdin is called: --name NAME.")
    if not arguments.yes and not terminal.may_ask:
        raise Usage(
            "What is understood has to be looked at before it is kept. Run this at a terminal, or "
            "add --yes to keep it as it is understood"
        )
    corrections = parse_corrections(arguments.corrections)
    if arguments.recipe and corrections:
        raise Usage("Say it in the recipe or by --set, not by both.")
    recipe = recipes.read_text(arguments.recipe) if arguments.recipe else None
    unused = {one["name"] for one in corrections}
    done: list[Json] = []
    failures: list[SimplrError] = []
    tree = _tree(arguments, terminal)
    top = tree.place_for(()).id if tree and arguments.folder else None
    for file, above in _sources(terminal, arguments.files, failures, done):
        try:
            folder = tree.place_for(above).id if tree and above else top
            if _is_folder(file):
                continue  # an empty folder: it is made, and nothing is sent
            found, used = _put_one(
                arguments, terminal, file, corrections, recipe, folder=folder, strict=not several
            )
        except SimplrError as error:
            if not several:
                raise
            failures.append(error)
            done.append({"file": file, "error": error_document(error)})
            terminal.note(f"{file}: {error_text(error).removeprefix('simplr: ')}")
        else:
            unused -= used
            done += found
    if unused and several and not failures:
        unknown = Invalid(
            f"None of the files has the field {', '.join(sorted(unused))}, given by --set.",
            code="field-unknown",
        )
        failures.append(unknown)
        terminal.note(error_text(unknown))
    terminal.answer({"items": done}, kept.table(done))
    if not failures:
        return DONE
    return exit_status(failures[0]) if not any("id" in one for one in done) else SOME


def _put_one(
    arguments: argparse.Namespace,
    terminal: Terminal,
    file: str,
    corrections: list[Json],
    recipe: str | None,
    *,
    folder: str | None,
    strict: bool,
) -> tuple[list[Json], set[str]]:
    session = terminal.session()
    source = sys.stdin.buffer if file == "-" else file
    into = session.resource(arguments.into) if arguments.into else None
    project = arguments.project or str(into.data["project"] if into else "")
    try:
        upload = session.upload(
            source,
            project=project,
            name=arguments.name if file == "-" else None,
            as_=arguments.as_,
            resource=into.id if into else None,
            folder=folder,
            progress=terminal.progress,
        )
    except KeyboardInterrupt:
        from simplr_client.resuming import RESUMABLE_FROM

        if file != "-" and os.path.getsize(file) >= RESUMABLE_FROM:
            terminal.note(
                f"{file}: the same command goes on from here. To give it up instead: "
                f"simplr uploads --project {project} --cancel ID"
            )
        raise
    used: set[str] = set()
    columns: list[int | None] = [None]
    try:
        if upload.state == "understood":
            if said := reading_as.said_in(arguments, recipe):
                upload.read_as(**said).wait(tell=terminal.progress)
            understood = upload.understanding()
            tables = understood.get("tables") or [understood]
            columns = [len(table.get("fields") or []) or None for table in tables]
            overrides, used = _all_fitting(tables, corrections, strict=strict)
            for table in tables:
                misfits = [one.get("text") for one in table.get("misfits") or []]
                for text in [*(table.get("notes") or []), *misfits]:
                    terminal.note(f"{_name_in(upload, table)}: {text}")
            if not arguments.yes:
                if len(tables) == 1 and tables[0].get("fields"):
                    recipes.show_trial(terminal, upload, recipe, overrides[0])
                for table, changes in zip(tables, overrides, strict=True):
                    _show(terminal, _name_in(upload, table), table, changes)
                if not terminal.ask(f"Keep “{upload.name}”?"):
                    raise Conflict(
                        f"{upload.name} was not kept, as you said. Correct fields by --set and "
                        "send it again.",
                        code="not-kept",
                    )
            if recipe is None:
                _keep(upload, overrides, arguments)
            else:
                recipes.keep_by(upload, recipe, len(tables), arguments)
            upload.wait(tell=terminal.progress)
        documents = kept.documents(file, upload, upload.resources(), columns)
    except BaseException:
        upload.give_up()
        raise
    for one in documents:
        if one["columns_left_out"]:
            terminal.note(
                f"{one['title']}: {one['columns_left_out']} columns without heading and values were "
                "left out, as its recipe says."
            )
    return documents, used


def _keep(upload: Upload, overrides: list[list[Json]], arguments: argparse.Namespace) -> None:
    said = recipes.said_in(arguments)
    if len(overrides) == 1:
        upload.keep(overrides=overrides[0], **said)
        return
    # The next version of a resource is one table: the installation knows which.
    renews = upload.data.get("resource") is not None
    tables = [{"table": number, "fields": fields} for number, fields in enumerate(overrides)]
    upload.keep(tables=None if renews else tables, **said)


def _name_in(upload: Upload, table: Json) -> str:
    path = " › ".join(table.get("path") or [])
    return f"{upload.name}: {path}" if path else upload.name


def _all_fitting(
    tables: list[Json], corrections: list[Json], *, strict: bool
) -> tuple[list[list[Json]], set[str]]:
    """The corrections for each table of a file. One of several tables need not have a field."""
    found = [_fitting(table, corrections, strict=strict and len(tables) == 1) for table in tables]
    used = set().union(*(names for _, names in found))
    if strict and (unknown := {one["name"] for one in corrections} - used):
        raise Invalid(
            f"No table of this file has the field {', '.join(sorted(unknown))}.",
            code="field-unknown",
        )
    return [overrides for overrides, _ in found], used


def _tree(arguments: argparse.Namespace, terminal: Terminal) -> Tree | None:
    """Where the files are put, when a place is named or a folder is sent; else the project's top."""
    if not arguments.folder and not any(map(_is_folder, arguments.files)):
        return None
    project = terminal.session().project(arguments.project)
    return Tree(project.folder(arguments.folder) if arguments.folder else project)


def _is_folder(file: str) -> bool:
    return file != "-" and Path(file).is_dir()


def _sources(
    terminal: Terminal, files: list[str], failures: list[SimplrError], done: list[Json]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each file to send with the folders above it; what cannot be sent is noted as failed."""
    for file in files:
        if not _is_folder(file):
            yield file, ()
            continue
        for leaf in leaves(Path(file)):
            if isinstance(leaf, Leaf):
                yield str(leaf.path), leaf.above
            else:
                failures.append(leaf)
                done.append({"file": file, "error": error_document(leaf)})
                terminal.note(error_text(leaf))


def _fitting(
    understood: Json, corrections: list[Json], *, strict: bool
) -> tuple[list[Json], set[str]]:
    """The corrections that are about fields of this file, and which of them those are.

    A field may be given by its name or by its heading in the file. With `strict`, one that is
    neither raises Invalid.
    """
    fields = understood.get("fields", [])
    known = {str(one.get("source_name") or one["name"]): str(one["name"]) for one in fields}
    known |= {str(one["name"]): str(one["name"]) for one in fields}
    for one in corrections:
        if strict and one["name"] not in known:
            raise Invalid(
                f"There is no field {one['name']}. There are: {', '.join(sorted(known))}.",
                code="field-unknown",
            )
    fitting = [one for one in corrections if one["name"] in known]
    used = {str(one["name"]) for one in fitting}
    return [{**one, "name": known[one["name"]]} for one in fitting], used


def _show(terminal: Terminal, name: str, understood: Json, overrides: list[Json]) -> None:
    corrected = {one["name"]: one for one in overrides}
    fields = understood.get("fields", [])
    rows = [
        (
            field["name"],
            field.get("source_name"),
            corrected.get(field["name"], {}).get("type") or field.get("type"),
            corrected.get(field["name"], {}).get("personal") or field.get("personal"),
            _confidence(field.get("confidence")),
            field.get("missing_codes"),
        )
        for field in fields
    ]
    counts = understood.get("counts") or {}
    terminal.note(f"\n{name}")
    headings = ("field", "in the file", "type", "personal", "sure", "missing codes")
    terminal.note(layout.table(headings, rows, right=["sure"], longest=32))
    terminal.note(
        f"{layout.number(counts.get('in'))} rows; {layout.number(counts.get('kept'))} fit, "
        f"{layout.number(counts.get('quarantined_rows', 0))} rows and "
        f"{layout.number(counts.get('quarantined_cells', 0))} cells go to quarantine."
    )


def _confidence(found: object) -> str:
    return f"{found:.0%}" if isinstance(found, float | int) else str(found or "")
