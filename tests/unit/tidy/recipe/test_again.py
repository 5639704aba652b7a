"""The recipe of the last version, followed for the next file; and a recipe tried before it is kept."""

from __future__ import annotations

import io
from dataclasses import replace

from tests.unit.tidy.recipe.test_steps import followed, plan_of, understood, wards

from simplr_core.tidy.again import OTHER_TYPE, UNREADABLE, Earlier, followed_again
from simplr_core.tidy.plans import KeepPlan
from simplr_core.tidy.recipe.steps import Kind, Recipe
from simplr_core.tidy.recognition import Report
from simplr_core.tidy.rows import TOTAL_ROW
from simplr_core.tidy.trying import try_plan
from simplr_core.tidy.understanding import Understanding

JANUARY = wards("INNENSTADT", "innenstadt", "Westent")


def again(content: str, recipe: Recipe, marks: dict[str, str] | None = None) -> Report:
    report = understood(content)
    [found] = followed_again(
        [report], Earlier(recipe, (), marks or {}), io.BytesIO(content.encode())
    )
    assert Understanding.from_json(found.understanding.to_json()) == found.understanding
    return found


def test_the_same_file_follows_its_own_recipe_without_a_misfit() -> None:
    plan = plan_of(understood(JANUARY))
    first, aside, _ = followed(JANUARY, plan)

    found = again(JANUARY, plan.recipe)

    second, aside_again, _ = followed(JANUARY, plan_of(found))
    assert found.understanding.misfits == ()
    assert second.equals(first)
    assert aside_again == aside


def test_what_a_person_changed_is_done_again_to_the_next_file() -> None:
    text = (
        "version: 1\nsteps:\n- {kind: rename, field: ward, to: district}\n"
        "- {kind: replace, field: district, value: Westend, by: West}\n"
        "- {kind: type, field: district, type: text}\n- {kind: type, field: nr, type: text}\n"
        "- {kind: mark, field: nr, personal: indirect}\n"
    )
    recipe = plan_of(understood(JANUARY), recipe=text).recipe

    found = again(wards("Altstadt"), recipe)

    table, _, _ = followed(wards("Altstadt"), plan_of(found))
    assert set(table.column("district").to_pylist()) == {"Innenstadt", "West", "Altstadt"}
    assert table.schema.field("nr").type == "string"
    assert found.understanding.schema["nr"].personal == "indirect"


def test_what_does_not_fit_the_next_file_is_named() -> None:
    recipe = plan_of(
        understood("Nr,Ward,Visits\n" + "".join(f"{n},w,{n}\n" for n in range(60)))
    ).recipe
    february = "Nr;Ward;Mood\n" + "".join(f"{n};w;fine\n" for n in range(59)) + "x;w;fine\n"

    found = again(february, recipe)

    said = {(m.code, m.field) for m in found.understanding.misfits}
    assert said == {
        ("read-otherwise", ""),
        ("no-such-field", "visits"),
        ("new-field", "mood"),
        (UNREADABLE, "nr"),
    }
    assert found.understanding.counts.quarantined_cells == 1


def test_new_spellings_in_the_next_file_are_proposed_and_off() -> None:
    recipe = plan_of(understood(wards())).recipe

    found = again(JANUARY, recipe)

    spells = [s for s in found.steps if s.kind is Kind.SPELL]
    assert spells
    assert not any(step.on for step in spells)


def test_the_marks_of_today_are_those_of_the_next_version() -> None:
    recipe = plan_of(understood(JANUARY)).recipe

    found = again(JANUARY, recipe, {"ward": "personal"})

    assert found.understanding.schema["ward"].personal == "personal"


MAILED = "id,remark\n" + "".join(f"{n},person{n}@mail.example\n" for n in range(60))


def test_what_the_next_file_shows_to_be_personal_is_not_laid_open_by_the_last_one() -> None:
    calm = "id,remark\n" + "".join(f"{n},{('fine', 'late')[n % 2]}\n" for n in range(60))
    recipe = plan_of(understood(calm)).recipe

    found = again(MAILED, recipe, {"id": "none", "remark": "none"})

    assert found.understanding.schema["remark"].personal == "personal"


def test_what_somebody_decided_of_the_same_finding_stays_decided() -> None:
    proposed = understood(MAILED)
    kind = proposed.understanding.fields[1].personal_kind
    recipe = plan_of(proposed).recipe
    content = MAILED.encode()
    decided = Earlier(recipe, (), {"remark": "none"}, {"remark": kind})

    [found] = followed_again([proposed], decided, io.BytesIO(content))

    assert kind
    assert found.understanding.schema["remark"].personal == "none"


def test_what_is_tried_says_what_will_be_kept() -> None:
    content = JANUARY + ",\nTotal,83\n"
    plan = plan_of(understood(content))
    table, aside, cleaning = followed(content, plan)

    trial = try_plan(io.BytesIO(content.encode()), plan)

    assert trial.is_whole
    assert (trial.kept_count, trial.aside_count) == (table.num_rows, len(aside))
    assert trial.changes == cleaning.changes
    changed = {row.before[1]: row.after[1] for row in trial.rows if row.before[1] != row.after[1]}
    assert changed["INNENSTADT"] == "Innenstadt"
    assert TOTAL_ROW in {row.aside for row in trial.rows}


def test_hidden_fields_are_left_out_of_what_is_tried() -> None:
    plan = plan_of(understood(JANUARY))

    shown = try_plan(io.BytesIO(JANUARY.encode()), plan).to_json(plan, {"ward"})

    assert shown["fields"] == ["nr"]
    assert "nnenstadt" not in repr(shown)
    assert "Westen" not in repr(shown)


def test_only_so_many_rows_are_tried() -> None:
    content = "a;b\n" + "1;x\n" * 700_000
    report = understood(content)

    trial = try_plan(io.BytesIO(content.encode()), KeepPlan(replace(report.understanding)))

    assert not trial.is_whole
    assert 200_000 <= trial.row_count < 700_000


def test_a_field_that_is_of_another_type_by_now_is_taken_as_understood() -> None:
    recipe = plan_of(understood("Nr,Ward\n" + "".join(f"{n},w\n" for n in range(60)))).recipe

    found = again("Nr,Ward\n" + "".join(f"n{n},w\n" for n in range(40)) + "7,w\n" * 20, recipe)

    assert [(m.code, m.field) for m in found.understanding.misfits] == [(OTHER_TYPE, "nr")]
    assert found.understanding.schema["nr"].type == "text"
    assert found.understanding.counts.quarantined_cells == 0
