"""A recipe as text: YAML that people read, change, keep beside their files and send back.

Every text is taken as it is written, whatever YAML would make of it: `no`, `-9999` and `007` stay
texts. Evidence stands in comments. What refers to itself (anchors) is refused, as is what is long.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from simplr_core.tidy.recipe.steps import (
    ARGUMENTS,
    PROPOSED,
    Form,
    Kind,
    Recipe,
    RecipeInvalid,
    Step,
    place_of,
)

LONGEST_RECIPE = 1 << 20
MOST_STEPS = 20_000
VERSION = "1"
_YES, _NO = {"true", "yes", "on"}, {"false", "no", "off"}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_recipe(text: str) -> Recipe:
    """The recipe that a text holds. Raises RecipeInvalid, which names the line and the step."""
    if len(text) > LONGEST_RECIPE:
        raise RecipeInvalid("A recipe has at most a million characters.")
    root = _root(text)
    if not isinstance(root, yaml.MappingNode):
        raise RecipeInvalid("A recipe is `version: 1` and a list of `steps`.", line=1)
    parts = _pairs(root, "The recipe")
    unknown = [name for name in parts if name not in ("version", "steps")]
    if unknown:
        raise RecipeInvalid(
            f"Line {_line(parts[unknown[0]])}: a recipe has `version` and `steps`, no other part.",
            line=_line(parts[unknown[0]]),
        )
    version = parts.get("version")
    if not isinstance(version, yaml.ScalarNode) or version.value != VERSION:
        raise RecipeInvalid("A recipe begins with `version: 1`.", line=_line(version or root))
    listed = parts.get("steps")
    if not isinstance(listed, yaml.SequenceNode):
        raise RecipeInvalid("A recipe has a list of `steps`.", line=_line(listed or root))
    if len(listed.value) > MOST_STEPS:
        raise RecipeInvalid(f"A recipe has at most {MOST_STEPS:,} steps.")
    return Recipe(tuple(_step(node, number) for number, node in enumerate(listed.value, start=1)))


def _root(text: str) -> yaml.Node | None:
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                line = _line_of(event.start_mark)
                raise RecipeInvalid(f"Line {line}: a recipe has no anchors (& and *).", line=line)
        return yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = _line_of(mark)
        raise RecipeInvalid(f"Line {line} is not written as YAML is.", line=line) from None
    except (yaml.YAMLError, RecursionError):
        raise RecipeInvalid("The recipe is not written as YAML is.") from None


def _line(node: yaml.Node) -> int:
    return _line_of(node.start_mark)


def _line_of(mark: Any) -> int:
    """Lines count from 1; a mark of nothing is the first."""
    return int(mark.line) + 1 if mark is not None else 1


def _pairs(node: yaml.MappingNode, what: str) -> dict[str, yaml.Node]:
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value in found:
            raise RecipeInvalid(
                f"Line {_line(key)}: {what} says something twice, or without a name.",
                line=_line(key),
            )
        found[key.value] = value
    return found


def _step(node: yaml.Node, number: int) -> Step:
    line = _line(node)
    where = f"Line {line}, step {number}"
    if not isinstance(node, yaml.MappingNode):
        raise RecipeInvalid(f"{where}: a step begins with `kind:`.", line=line, step=number)
    parts = _pairs(node, where)
    named = parts.pop("kind", None)
    try:
        kind = Kind(named.value if isinstance(named, yaml.ScalarNode) else "")
    except ValueError:
        raise RecipeInvalid(
            f"{where}: there is no such kind of step. There are: {', '.join(Kind)}.",
            line=line,
            step=number,
        ) from None
    try:
        on = _value(parts.pop("on"), Form.FLAG, "on") if "on" in parts else True
        arguments = {name: _value(value, _form(kind, name), name) for name, value in parts.items()}
        return Step(kind, arguments, on=on, line=line)
    except RecipeInvalid as error:
        at = int(str(error.details.get("line") or line))
        raise RecipeInvalid(
            f"Line {at}, step {number} ({kind}): {error.message}", line=at, step=number
        ) from None


def _form(kind: Kind, name: str) -> Form:
    if name == PROPOSED:
        return Form.NUMBER
    argument = ARGUMENTS[kind].get(name)
    return argument.form if argument else Form.TEXT


def _value(node: yaml.Node, form: Form, name: str) -> Any:
    if form is Form.TEXTS and isinstance(node, yaml.SequenceNode):
        return [_value(one, Form.TEXT, name) for one in node.value]
    if not isinstance(node, yaml.ScalarNode):
        raise RecipeInvalid(f"`{name}` is {form}.", line=_line(node))
    text = str(node.value)
    if form is Form.FLAG and text.casefold() in _YES | _NO:
        return text.casefold() in _YES
    if form is Form.NUMBER and re.fullmatch(r"[0-9]{1,9}", text):
        return int(text)
    if form is not Form.TEXT:
        raise RecipeInvalid(f"`{name}` is {form}.", line=_line(node))
    return text


def write_recipe(recipe: Recipe, *, about: str = "") -> str:
    """The recipe as text; `read_recipe` reads the same steps out of it."""
    return "\n".join(_lines(recipe, about)) + "\n"


def _lines(recipe: Recipe, about: str) -> Iterator[str]:
    if about:
        yield f"# {_comment(about)}"
    yield "version: 1"
    yield "steps:" if recipe.steps else "steps: []"
    for step in recipe.steps:
        evidence = f"{step.confidence}: {step.evidence}" if step.evidence else step.confidence
        yield f"  # {_comment(evidence)}"
        yield f"  - kind: {step.kind}"
        for name, value in step.arguments.items():
            yield f"    {name}: {_written(value)}"
        if not step.on:
            yield "    on: false"


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_quoted(str(one)) for one in value) + "]"
    return _quoted(str(value))


_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NO_TEXT = _YES | _NO | {"y", "n", "null", "none", "inf", "nan"}
_NOT_PRINTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)


def _quoted(text: str) -> str:
    """The text, in quotation marks unless every reader of YAML takes it for a text without."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _NO_TEXT:
        return text
    return _NOT_PRINTED.sub(
        lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False)
    )


def _comment(text: str) -> str:
    return " ".join(_NOT_PRINTED.sub(" ", text).split())


__all__ = ["LONGEST_RECIPE", "place_of", "read_recipe", "write_recipe"]
