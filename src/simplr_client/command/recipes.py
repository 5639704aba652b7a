"""The recipe of a data set: what made its table of the file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal
from simplr_client.errors import Conflict, Invalid

if TYPE_CHECKING:
    from simplr_client.upload import Upload

LARGEST = 1 << 20
Json = dict[str, Any]


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    recipe = commands.add_parser("recipe", help="show or export the steps that made a data set")
    words = recipe.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    show = words.add_parser(
        "show", help="show the steps, why they are there, and what each changed"
    )
    export = words.add_parser("export", help="write the recipe, for `simplr put --recipe`")
    for parser in (show, export):
        parser.add_argument("id", metavar="ID", help="the data set: its id or exact title")
        parser.add_argument("--version", metavar="V", help="its number or id (else the newest)")
    show.set_defaults(run=show_recipe)
    apply = words.add_parser(
        "apply", help="make the next version of the same original, by a changed recipe"
    )
    apply.add_argument("id", metavar="ID", help="the data set: its id or exact title")
    apply.add_argument("recipe", metavar="FILE", help="the recipe")
    apply.add_argument("--version", metavar="V", help="whose original (else the newest)")
    apply.add_argument(
        "--skip-unfit", action="store_true", help="leave out steps that do not fit, and name them"
    )
    apply.set_defaults(run=apply_recipe)
    export.add_argument("-o", "--output", metavar="PATH", help="where to (else stdout)")
    export.add_argument("--force", action="store_true", help="overwrite PATH")
    export.set_defaults(run=export_recipe)


def show_recipe(arguments: argparse.Namespace) -> None:
    """Show the steps of a recipe in their order."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().recipe(arguments.id, version=arguments.version)
    terminal.answer(found, table_of(found["steps"]))


def table_of(steps: list[Json]) -> str:
    """The steps of a recipe, one a line."""
    rows = [
        (
            str(number),
            step.get("kind"),
            "" if step.get("on") else "off",
            ", ".join(step.get("fields") or [step.get("field") or ""]),
            layout.number(step.get("changes")),
            step.get("evidence"),
        )
        for number, step in enumerate(steps, start=1)
    ]
    headings = ("step", "kind", "", "field", "changed", "why")
    return layout.table(headings, rows, right=["step", "changed"], longest=60)


def export_recipe(arguments: argparse.Namespace) -> None:
    """Write a recipe as text. Refused where it holds values that you may not see."""
    terminal: Terminal = arguments.terminal
    target = Path(arguments.output) if arguments.output else None
    if target is not None and target.exists() and not arguments.force:
        raise Conflict(
            f"{target} exists already. Add --force to overwrite it, or say -o another.",
            code="file-exists",
        )
    found = terminal.session().recipe(arguments.id, version=arguments.version, whole=True)
    if target is None:
        terminal.answer(found, str(found["text"]).rstrip("\n"))
        return
    target.write_text(str(found["text"]), encoding="utf-8")
    terminal.answer({"path": str(target)}, f"Wrote {target}.")


def apply_recipe(arguments: argparse.Namespace) -> None:
    """Follow a changed recipe on an original that is kept: the next version of the data set."""
    terminal: Terminal = arguments.terminal
    text = read_text(arguments.recipe)
    upload = terminal.session().put_again(arguments.id, version=arguments.version)
    try:
        upload.wait(tell=terminal.progress)
        upload.read_as(recipe=text).wait(tell=terminal.progress)
        upload.keep(recipe=text, skip_unfit=arguments.skip_unfit)
        for misfit in upload.data.get("misfits") or []:
            terminal.note(str(misfit.get("text")))
        upload.wait(tell=terminal.progress)
    except BaseException:
        upload.give_up()
        raise
    counts = upload.data.get("counts") or {}
    kept, aside = counts.get("kept"), counts.get("quarantined_rows")
    terminal.answer(
        upload.data, f"Kept {layout.number(kept)} rows; {layout.number(aside)} are put aside."
    )


def said_in(arguments: argparse.Namespace) -> Json:
    """What `simplr put` was told of a version, beside what is corrected in it."""
    return {
        "title": arguments.name,
        "mode": arguments.mode,
        "key": arguments.key.split(",") if arguments.key else None,
        "widen": arguments.widen,
    }


def keep_by(upload: Upload, recipe: str, tables: int, arguments: argparse.Namespace) -> None:
    """Keep an upload by a recipe, and name what of it did not fit."""
    if tables > 1:
        raise Invalid(
            f"{upload.name} holds {tables} tables, and a recipe is of one. Keep them on the page.",
            code="recipe-of-one-table",
        )
    upload.keep(recipe=recipe, skip_unfit=arguments.skip_unfit, **said_in(arguments))
    for misfit in upload.data.get("misfits") or []:
        arguments.terminal.note(f"{upload.name}: {misfit.get('text')}")


def show_trial(
    terminal: Terminal, upload: Upload, recipe: str | None, overrides: list[Json]
) -> None:
    """What each step changes in the rows that were tried, before anybody says yes."""
    tried = upload.try_recipe(recipe, overrides=overrides if recipe is None else None)
    for misfit in tried.get("misfits") or []:
        terminal.note(f"{upload.name}: {misfit.get('text')}")
    terminal.note(table_of(tried["steps"]))
    tail = "" if tried.get("is_whole") else " (the file has more)"
    terminal.note(f"Tried on {layout.number(tried.get('row_count'))} rows{tail}.")


def read_text(path: str) -> str:
    """The text of a recipe that lies here. Raises Invalid."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(LARGEST + 1)
    except (OSError, UnicodeDecodeError) as cause:
        raise Invalid(f"{path} cannot be read as a recipe.", code="recipe-invalid") from cause
    if len(text) > LARGEST:
        raise Invalid("A recipe has at most a million characters.", code="recipe-invalid")
    return text
