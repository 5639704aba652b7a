"""Every command once against the real server: exit statuses, one JSON document, nothing half done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from devdata import papers
from devdata.people import role
from tests.installation import Installation

from simplr_client.command import main


@pytest.fixture(scope="module")
def meals(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small data set, put by command."""
    installation.json("steward", "project", "create", "Commands", "--slug", "commands")
    path = tmp_path_factory.mktemp("meals") / "meals.csv"
    path.write_bytes(papers.meals())
    found = installation.json("steward", "put", str(path), "--project", "commands", "--yes")
    return str(found["items"][0]["id"])


WORDS = (
    ("whoami",),
    ("list",),
    ("list", "--project", "commands"),
    ("project", "list"),
    ("project", "show", "commands"),
    ("project", "members", "commands"),
    ("project", "change", "commands", "--aims", "To try every word."),
    ("uploads", "--project", "commands"),
    ("show", "ID"),
    ("schema", "ID"),
    ("profile", "ID"),
    ("sample", "ID"),
    ("quarantine", "ID"),
    ("quarantine", "show", "ID", "--limit", "2"),
    ("quarantine", "groups", "ID"),
    ("versions", "ID"),
    ("uses", "ID"),
    ("access", "ID"),
    ("grants",),
    ("grants", "ID"),
    ("why", "ID", "--person", role("colleague").email),
    ("edit", "ID", "--description", "Meals of a term."),
    ("field", "ID", "vegetarian", "--meaning", "Of those served."),
    ("release", "list", "ID"),
    ("release", "preview", "ID", "--fields", "day,meals_served", "--mask", "day=month"),
    ("trash", "list"),
    ("trash", "list", "--project", "commands"),
    ("people",),
    ("organisation", "list"),
    ("group", "list"),
    ("invitation", "list"),
    ("token", "list"),
    ("ledger", "list", "--node", "ID"),
    ("ledger", "checkpoints"),
    ("api", "/me"),
)


@pytest.mark.parametrize("words", WORDS, ids=lambda words: " ".join(words[:2]))
def test_a_command_answers_people_and_programs(
    installation: Installation,
    meals: str,
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    typed = tuple(meals if word == "ID" else word for word in words)

    monkeypatch.setenv("SIMPLR_URL", installation.url)
    monkeypatch.setenv("SIMPLR_TOKEN", installation.as_("steward").token)

    assert main(typed) == 0
    shown = capsys.readouterr().out
    assert main((*typed, "--json")) == 0
    document = json.loads(capsys.readouterr().out)

    assert shown.strip()
    assert isinstance(document, dict)
    assert "error" not in document


ADMINISTRATORS = (
    ("licence", "list"),
    ("program", "list"),
    ("program", "create", "A program", "--kind", "device", "--scope", "project:read"),
    ("organisation", "create", "A third organisation"),
    ("group", "create", "A group of commands"),
    ("invite", "new.person@lakeside.example"),
)


@pytest.mark.parametrize("words", ADMINISTRATORS, ids=lambda words: " ".join(words[:2]))
def test_a_command_of_administrators_works_for_them_alone(
    installation: Installation, words: tuple[str, ...]
) -> None:
    assert installation.simplr("steward", *words, check=False).returncode == 3
    assert installation.simplr("administrator", *words).returncode == 0


def test_the_auditor_verifies_and_takes_the_ledger_away(
    installation: Installation, tmp_path: Path
) -> None:
    assert installation.json("auditor", "ledger", "verify")["ok"] is True
    target = tmp_path / "ledger.zip"
    installation.json("auditor", "ledger", "export", "-o", str(target))

    assert target.read_bytes().startswith(b"PK")


def test_what_one_may_not_know_of_is_not_found(installation: Installation, meals: str) -> None:
    done = installation.simplr("colleague", "show", meals, "--json", check=False)

    assert done.returncode == 4
    assert json.loads(done.stdout)["error"]["code"] == "not-found"


def test_a_wrong_condition_is_refused_with_status_5_and_leaves_no_file(
    installation: Installation, meals: str, tmp_path: Path
) -> None:
    target = tmp_path / "x.csv"
    words = ("get", meals, "--where", "meals_served > (SELECT 1)", "-o", str(target))

    assert installation.simplr("steward", *words, check=False).returncode == 5
    assert list(tmp_path.iterdir()) == []


def test_some_of_several_files_is_status_8_and_each_is_named(
    installation: Installation, tmp_path: Path, meals: str
) -> None:
    (tmp_path / "good.csv").write_bytes(papers.streets())
    words = ("put", str(tmp_path / "good.csv"), str(tmp_path / "none.csv"))

    done = installation.simplr(
        "steward", *words, "--project", "commands", "--yes", "--json", check=False
    )

    assert done.returncode == 8
    good, missing = json.loads(done.stdout)["items"]
    assert good["row_count"] == 120
    assert missing["error"]["code"] == "source-unreadable"


def test_a_link_with_a_password_opens_the_release_and_nothing_else(
    installation: Installation, meals: str
) -> None:
    import simplr_client

    words = ("release", "create", meals, "--title", "By month", "--fields", "day,meals_served")
    installation.json("steward", *words, "--mask", "day=month")
    words = ("grant", meals, "--to", "link", "--password", "--release", "By month")
    words = (*words, "--until", "friday", "--json")
    password = "a password for one link"
    made = json.loads(installation.simplr("steward", *words, said=password + "\n").stdout)

    with simplr_client.connect(link=made["link_url"], link_password=password) as visitor:
        assert visitor.dataset(meals).to_arrow(limit=3).column_names == ["day", "meals_served"]
    with (
        simplr_client.connect(link=made["link_url"], link_password="another") as stranger,
        pytest.raises(simplr_client.Refused),
    ):
        stranger.dataset(meals)


def test_a_file_comes_back_byte_for_byte(installation: Installation, tmp_path: Path) -> None:
    installation.json("steward", "project", "create", "Files", "--slug", "files")
    for name, content in (("plan.pdf", papers.plan()), ("map.png", papers.map_image())):
        (tmp_path / name).write_bytes(content)
        words = ("put", str(tmp_path / name), "--project", "files", "--yes")
        kept = installation.json("steward", *words)["items"][0]
        assert kept["kind"] == "file"

        installation.json("steward", "get", kept["id"], "-o", str(tmp_path / "back"), "--force")
        installation.json("steward", "preview", kept["id"], "-o", str(tmp_path / "seen"), "--force")

        assert (tmp_path / "back").read_bytes() == content
        assert (tmp_path / "seen").stat().st_size > 0
        words = installation.simplr("steward", "text", kept["id"], "--json", check=False)
        assert (words.returncode == 0) == name.endswith(".pdf"), words.stderr
        found = json.loads(words.stdout)
        assert found["text"].strip() if "text" in found else found["error"]["code"] == "no-text"


def test_folders_are_made_filled_moved_and_listed(
    installation: Installation,
    meals: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("SIMPLR_URL", installation.url)
    monkeypatch.setenv("SIMPLR_TOKEN", installation.as_("steward").token)
    here = ("--project", "commands")
    (tmp_path / "note.txt").write_text("one")

    assert main(("folder", "make", "Terms", *here)) == 0
    assert main(("folder", "make", "Spring", *here, "--in", "Terms")) == 0
    assert main(("folder", "make", "spring", *here, "--in", "terms")) == 5
    assert main(("folder", "change", "Terms/Spring", *here, "--description", "April on")) == 0
    into = ("--folder", "Terms/Spring", "--as", "file", "--yes")
    assert main(("put", str(tmp_path / "note.txt"), *here, *into)) == 0
    assert main(("move", meals, "no such thing", *here, "--to", "Terms")) == 8
    assert main(("folder", "show", "Terms/Autumn", *here)) == 4
    shown = installation.json("steward", "folder", "show", "Terms", *here)
    listed = installation.json("steward", "folder", "list", *here, "--in", "Terms")["items"]
    assert main(("move", meals, *here)) == 0

    assert (shown["folder_count"], shown["resource_count"]) == (1, 1)
    assert [one.get("title") for one in listed] == ["Spring", "meals"]


def test_a_folder_of_the_machine_is_recreated_in_the_project(
    installation: Installation,
    meals: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("SIMPLR_URL", installation.url)
    monkeypatch.setenv("SIMPLR_TOKEN", installation.as_("steward").token)
    here = ("--project", "commands")
    root = tmp_path / "Plans"
    (root / "2024" / "empty").mkdir(parents=True)
    (root / "a.txt").write_text("one")
    (root / "2024" / "b.csv").write_text("x,y\n1,2\n3,4\n")
    secret = tmp_path / "outside.txt"
    secret.write_text("outside")
    (root / "2024" / "link.txt").symlink_to(secret)

    assert main(("put", str(root), *here, "--yes", "--json")) == 8
    items = json.loads(capsys.readouterr().out)["items"]
    assert sorted(one.get("title", one.get("error", {}).get("code")) for one in items) == [
        "a",
        "b",
        "no-plain-file",
    ]
    (root / "2024" / "link.txt").unlink()
    (root / "a.txt").unlink()
    (root / "2024" / "b.csv").unlink()
    assert main(("put", str(root), *here, "--yes")) == 0

    def titles(way: str) -> list[str]:
        found = installation.json("steward", "folder", "list", *here, "--in", way)["items"]
        return [one["title"] for one in found]

    assert titles("Plans") == ["2024", "a"]
    assert titles("Plans/2024") == ["empty", "b"]


def test_what_is_thrown_away_is_brought_back_by_its_title_and_each_is_named(
    installation: Installation,
    meals: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SIMPLR_URL", installation.url)
    monkeypatch.setenv("SIMPLR_TOKEN", installation.as_("steward").token)

    assert main(("trash", "put", meals, "nothing of this name", "--json")) == 8
    some = json.loads(capsys.readouterr().out)["items"]
    assert {one["done"] for one in some} == {True, False}
    assert main(("show", meals)) == 4
    (line,) = installation.json("steward", "trash", "list", "--project", "commands")["items"]
    assert main(("trash", "erase", line["title"])) == 2
    assert main(("trash", "bring-back", line["title"])) == 0
    assert main(("trash", "bring-back", meals)) == 4
    assert main(("show", meals)) == 0


def test_a_text_is_read_as_it_is_said_and_the_next_one_likewise(
    installation: Installation, meals: str, tmp_path: Path
) -> None:
    """The fifth line of each looks like names to anybody; what is said goes from file to file."""
    into = ("--project", "commands", "--yes")
    first, second, recipe = (tmp_path / name for name in ("first.txt", "second.txt", "r.yaml"))
    first.write_bytes("Wards\nby hand\nStraße;a\tb\nfoo;c\td\n".encode("cp1252"))
    second.write_bytes("Wards\nlater\nMöwe;e\tf\nbar;g\th\nbaz;i\tj\n".encode("cp1252"))
    said = ("--delimiter", "tab", "--encoding", "cp1252", "--skip-rows", "2", "--header-rows", "0")

    (kept,) = installation.json("steward", "put", str(first), *into, *said)["items"]
    (next_,) = installation.json(
        "steward", "put", str(second), "--into", kept["id"], "--project", "commands", "--yes"
    )["items"]

    assert (kept["row_count"], kept["field_count"], next_["row_count"]) == (2, 2, 3)
    rows = installation.json("steward", "sample", kept["id"])
    assert "Möwe;e" in json.dumps(rows, ensure_ascii=False)
    installation.json("steward", "recipe", "export", kept["id"], "-o", str(recipe))
    text = recipe.read_text(encoding="utf-8")
    assert "said: [encoding, delimiter, preamble_rows, header_rows]" in text
    recipe.write_text(text.replace("header_rows: 0", "header_rows: 1"), encoding="utf-8")
    other = installation.json(
        "steward",
        "put",
        str(second),
        *into,
        "--name",
        "Other",
        "--recipe",
        str(recipe),
        "--skip-unfit",
    )["items"][0]
    assert (other["row_count"], other["field_count"]) == (2, 2)
    again = installation.json("steward", "recipe", "apply", kept["id"], str(recipe), "--skip-unfit")
    assert again["counts"]["kept"] == 2
    refused = installation.simplr(
        "steward", "put", str(second), *into, "--encoding", "rot13", check=False
    )
    assert refused.returncode == 5
    assert "There is no encoding rot13" in refused.stderr
