"""A recipe as text: what is written is read again, and what is wrong is named with its line."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tidy.recipe.document import LONGEST_RECIPE, read_recipe, write_recipe
from simplr_core.tidy.recipe.steps import (
    ARGUMENTS,
    STAGE,
    Argument,
    Form,
    Kind,
    Recipe,
    RecipeInvalid,
    Step,
)

TEXTS = st.text(max_size=12) | st.sampled_from(["no", "-9999", "007", "~", "#", "&a", "1_000"])


def argument(given_: Argument) -> st.SearchStrategy[Any]:
    if given_.words:
        return st.sampled_from(given_.words)
    return {
        Form.TEXT: TEXTS,
        Form.TEXTS: st.lists(TEXTS, max_size=4),
        Form.FLAG: st.booleans(),
        Form.NUMBER: st.integers(0, 999),
    }[given_.form]


@st.composite
def steps(draw: Any) -> Step:
    kind = draw(st.sampled_from(list(Kind)))
    known = ARGUMENTS[kind]
    named = {name for name, one in known.items() if one.is_needed or draw(st.booleans())}
    arguments = {name: draw(argument(one)) for name, one in known.items() if name in named}
    return Step(kind, arguments, on=draw(st.booleans()), evidence=draw(st.text(max_size=20)))


@st.composite
def recipes(draw: Any) -> Recipe:
    found = draw(st.lists(steps(), max_size=6))
    return Recipe(tuple(sorted(found, key=lambda step: STAGE[step.kind])))


def plain(recipe: Recipe) -> list[tuple[Any, ...]]:
    return [(step.kind, dict(step.arguments), step.on) for step in recipe.steps]


@given(recipes())
def test_what_is_written_is_read_again(recipe: Recipe) -> None:
    text = write_recipe(recipe, about="What made a table.")

    assert plain(read_recipe(text)) == plain(recipe)


@given(recipes())
def test_other_readers_of_yaml_find_the_same_texts(recipe: Recipe) -> None:
    document = yaml.safe_load(write_recipe(recipe))

    expected = [
        {"kind": step.kind.value, **step.arguments, **({} if step.on else {"on": False})}
        for step in recipe.steps
    ]
    found = [
        {("on" if key is True else key): value for key, value in step.items()}
        for step in document["steps"]
    ]
    assert found == expected


def test_texts_are_taken_as_they_are_written() -> None:
    recipe = read_recipe(
        "version: 1\nsteps:\n- kind: missing\n  field: visits\n  codes: [-9999, no, 007, 1e3]\n"
    )

    assert recipe.steps[0].arguments["codes"] == ["-9999", "no", "007", "1e3"]


@pytest.mark.parametrize(
    ("text", "line", "step", "words"),
    [
        ("version: 1\nsteps:\n- kind: shake\n", 3, 1, "no such kind of step"),
        ("version: 1\nsteps:\n- kind: trim\n- kind: type\n  field: a\n", 4, 2, "needs `type`"),
        ("version: 1\nsteps:\n- kind: trim\n  inner: perhaps\n", 4, 1, "yes or no"),
        ("version: 1\nsteps:\n- kind: trim\n  deeply: yes\n", 3, 1, "has no `deeply`"),
        ("version: 1\nsteps:\n- kind: trim\n- kind: drop_rows\n  rows: empty\n", 4, 2, "before"),
        ("version: 1\nsteps:\n- kind: drop_rows\n  rows: some\n", 3, 1, "empty, total"),
        ("version: 1\nsteps: [\n", 3, None, "not written as YAML"),
        ("version: 2\nsteps: []\n", 1, None, "version: 1"),
        ("version: 1\nsteps: []\nnotes: x\n", 3, None, "no other part"),
        ("version: 1\nsteps:\n- &a {kind: trim}\n- *a\n", 3, None, "no anchors"),
        ("version: 1\nsteps:\n- kind: trim\n  kind: trim\n", 4, None, "twice"),
        ("- a\n", 1, None, "list of `steps`"),
    ],
)
def test_what_is_wrong_is_named_with_line_and_step(
    text: str, line: int, step: int | None, words: str
) -> None:
    with pytest.raises(RecipeInvalid) as raised:
        read_recipe(text)

    assert words in raised.value.message
    assert raised.value.details.get("line") == line
    if step is not None:
        assert raised.value.details.get("step") == step


def test_a_message_never_holds_what_was_written_in_a_value() -> None:
    with pytest.raises(RecipeInvalid) as raised:
        read_recipe("version: 1\nsteps:\n- kind: replace\n  field: a\n  value: [CANARY]\n  by: x\n")

    assert "CANARY" not in str(raised.value)
    assert "CANARY" not in repr(raised.value.details)


@pytest.mark.parametrize("text", ["x" * (LONGEST_RECIPE + 1), "[" * 5_000, "? " * 3_000])
def test_what_is_too_much_is_refused(text: str) -> None:
    with pytest.raises(RecipeInvalid):
        read_recipe(text)
