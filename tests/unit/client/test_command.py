"""The command line: one document on stdout, exit statuses that never change, no traceback."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import simplr_client
from simplr_client import Session, credentials
from simplr_client.command import main
from simplr_client.command.sharing import grantee

from .conftest import Handler, Site

ID = "0192f0c1-0000-7000-8000-000000000003"


@pytest.fixture(autouse=True)
def environment(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIMPLR_URL", site.url)
    monkeypatch.setenv("SIMPLR_TOKEN", "open-sesame")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    monkeypatch.chdir(tmp_path)
    site.on(f"GET /resources/{ID}", (200, {"id": ID, "kind": "dataset", "title": "City trees"}))


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(words)
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def problem(status: int, code: str) -> tuple[int, dict[str, Any]]:
    return status, {"status": status, "code": code, "detail": "So it is."}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (problem(401, "token-unknown"), 3),
        (problem(403, "refused"), 3),
        (problem(404, "not-found"), 4),
        (problem(409, "conflict"), 5),
        (problem(422, "invalid"), 5),
        (problem(500, "object-corrupt"), 6),
        (problem(503, "sealed"), 7),
        (problem(500, ""), 1),
    ],
)
def test_every_kind_of_error_has_its_exit_status(
    site: Site,
    capsys: pytest.CaptureFixture[str],
    answer: tuple[int, dict[str, Any]],
    expected: int,
) -> None:
    site.on("GET /me", answer)

    status, out, err = run(capsys, "whoami", "--json")

    assert status == expected
    assert json.loads(out)["error"]["detail"] == "So it is."
    assert err.startswith("simplr: So it is. [")
    assert "Traceback" not in err


def test_no_server_is_seven(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "whoami", "--url", "http://127.0.0.1:9")[0] == 7


def test_what_cannot_be_meant_is_two(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["get"], ["nonsense"], ["list", "--nonsense"], ["release", "create", "x"]):
        status, out, err = run(capsys, *words)
        assert status == 2
        assert out == ""
        assert err


def test_json_is_exactly_one_document_even_for_a_usage_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, out, _ = run(capsys, "get", "--json")

    assert status == 2
    assert json.loads(out)["error"]["code"] == "usage"


def test_a_traceback_is_shown_only_when_it_is_asked_for(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.on("GET /me", problem(403, "refused"))
    monkeypatch.setenv("SIMPLR_DEBUG", "1")

    assert "Traceback" in run(capsys, "whoami")[2]


def test_a_server_command_without_the_server_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simplr_client.command.parser._registered", dict)

    status, _, err = run(capsys, "up")

    assert status == 7
    assert "simplr-irm[server]" in err


def test_the_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys)

    assert status == 0
    for word in ("put", "get", "grant", "ledger", "up", "doctor"):
        assert f"  {word} " in out


def test_help_needs_neither_httpx_nor_arrow() -> None:
    code = (
        "import sys; from simplr_client.command import main; main(['--help']); "
        "print([m for m in ('httpx', 'pyarrow', 'pandas', 'polars') if m in sys.modules])"
    )

    source = str(Path(simplr_client.__file__).parents[1])
    shown = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": source},
    )

    assert shown.stdout.splitlines()[-1] == "[]"


def test_signing_in_checks_the_token_and_keeps_it_unseen(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.on("GET /me", (200, {"email": "ada@example.org", "name": "Ada"}))
    monkeypatch.setattr(sys, "stdin", io.StringIO("typed-token\n"))

    status, out, err = run(capsys, "signin", site.url)

    assert status == 0
    assert f"{site.url}/account/tokens" in err
    assert "typed-token" not in out + err
    kept = credentials.stored(site.url)
    assert kept is not None
    assert kept.token == "typed-token"
    assert site.asked[0].headers["authorization"] == "Bearer typed-token"


def test_a_wrong_token_is_not_kept(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.on("GET /me", problem(401, "token-unknown"))
    monkeypatch.setattr(sys, "stdin", io.StringIO("typed-token\n"))

    assert run(capsys, "signin", site.url)[0] == 3
    assert credentials.stored(site.url) is None


def accept(site: Site, name: str) -> None:
    understood = {
        "fields": [{"name": "tree_id", "source_name": "Tree ID", "type": "integer"}],
        "counts": {"in": 3, "kept": 3, "quarantined_rows": 0, "quarantined_cells": 0},
    }
    upload = {"id": "u1", "name": name, "state": "understood"}
    site.on("POST /projects/parks/uploads", (201, upload))
    site.on("GET /uploads/u1/understanding", (200, understood))
    site.on("POST /uploads/u1/keep", (202, {**upload, "state": "kept", "resource": ID}))
    site.on("DELETE /uploads/u1", (204, None))


def test_put_without_yes_and_without_a_terminal_sends_nothing(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("trees.csv").write_text("a\n1\n")

    status, _, err = run(capsys, "put", "trees.csv", "--project", "parks")

    assert status == 2
    assert "--yes" in err
    assert site.asked == []


def test_put_keeps_and_prints_one_document(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    accept(site, "trees.csv")
    Path("trees.csv").write_text("Tree ID\n1\n")

    status, out, _ = run(
        capsys,
        "put",
        "trees.csv",
        "--project",
        "parks",
        "--yes",
        "--json",
        "--set",
        "Tree ID:type=text",
    )

    assert status == 0
    assert json.loads(out)["items"][0]["id"] == ID
    keep = next(one for one in site.asked if one.path.endswith("/keep"))
    assert json.loads(keep.body)["fields"] == [{"name": "tree_id", "type": "text"}]


def test_some_of_several_done_is_eight_and_names_each(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    accept(site, "trees.csv")
    Path("trees.csv").write_text("Tree ID\n1\n")

    status, out, err = run(
        capsys, "put", "trees.csv", "gone.csv", "--project", "parks", "--yes", "--json"
    )

    assert status == 8
    items = json.loads(out)["items"]
    assert [one["file"] for one in items] == ["trees.csv", "gone.csv"]
    assert items[1]["error"]["code"] == "source-unreadable"
    assert "gone.csv" in err


def test_a_correction_of_no_field_keeps_nothing(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    accept(site, "trees.csv")
    Path("trees.csv").write_text("Tree ID\n1\n")

    status, _, err = run(
        capsys, "put", "trees.csv", "--project", "parks", "--yes", "--set", "height:type=text"
    )

    assert status == 5
    assert "field-unknown" in err
    assert [one.method for one in site.asked][-1] == "DELETE"
    assert not any(one.path.endswith("/keep") for one in site.asked)


def rows(site: Site, content: bytes, *, finish: bool = True) -> None:
    def reply(handler: Handler, asked: object) -> None:
        handler.stream([content], finish=finish)

    site.on(f"GET /datasets/{ID}/rows", reply)


def test_get_writes_a_whole_file_and_never_overwrites_unasked(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    rows(site, b"a\r\n1\r\n")

    assert run(capsys, "get", ID)[0] == 0
    assert Path("City-trees.csv").read_bytes() == b"a\r\n1\r\n"

    asked = len(site.asked)
    assert run(capsys, "get", ID)[0] == 5
    assert not any("/rows" in one.path for one in site.asked[asked:])
    assert run(capsys, "get", ID, "--force")[0] == 0


def test_get_to_stdout_is_the_bytes_and_nothing_else(
    site: Site, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    rows(site, b"a\r\n1\r\n")

    assert main(["get", ID, "-o", "-"]) == 0

    assert capsysbinary.readouterr().out == b"a\r\n1\r\n"


def test_a_broken_transfer_is_six_and_leaves_nothing(
    site: Site, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows(site, b"a\r\n1\r\n", finish=False)

    status, _, err = run(capsys, "get", ID, "-o", "trees.csv")

    assert status == 6
    assert "transfer-broken" in err
    assert [found for found in tmp_path.iterdir() if "trees" in found.name] == []


def test_a_title_never_becomes_a_path(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = {"id": ID, "kind": "dataset", "title": "../../etc/passwd"}
    site.on(f"GET /resources/{ID}", (200, hostile))
    rows(site, b"a\r\n")

    status, out, _ = run(capsys, "get", ID, "--json")

    assert status == 0
    assert json.loads(out)["path"] == "etc-passwd.csv"


def test_whom_a_grant_is_for_is_never_guessed(site: Site, session: Session) -> None:
    site.on("GET /organisations", (200, {"items": [{"id": "o1", "name": "Parks"}], "next": None}))
    site.on("GET /groups", (200, {"items": [{"id": "g1", "name": "Parks"}], "next": None}))

    assert grantee(session, "ada@example.org") == "ada@example.org"
    assert grantee(session, "link") == "link"
    assert grantee(session, "organisation:parks") == {"organisation": "o1"}
    assert grantee(session, "group:Parks") == {"group": "g1"}
    assert grantee(session, "person:p1") == {"person": "p1"}
    with pytest.raises(Exception, match=r"organisation:o1, group:g1"):
        grantee(session, "parks")


def test_a_grant_says_until_when(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.on("POST /grants", (201, {"id": "g1"}))

    status, out, _ = run(
        capsys, "grant", ID, "--to", "ada@example.org", "--until", "2999-11-27", "--actions", "read"
    )

    assert status == 0
    assert "until 2999-11-27 23:59" in out
    sent = json.loads(site.asked[-1].body)
    assert sent["to"] == {"email": "ada@example.org"}
    assert sent["actions"] == ["read"]
    assert sent["until"].startswith("2999-11-27T23:59:59")


def test_the_raw_answer_is_one_document(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.on("GET /projects", (200, {"items": [], "next": None}))

    status, out, _ = run(capsys, "api", "/projects?limit=1", "--json")

    assert status == 0
    assert json.loads(out) == {"items": [], "next": None}
    assert site.asked[-1].path == "/api/v1/projects?limit=1"


def test_a_deletion_without_a_terminal_needs_yes(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "delete", ID)[0] == 2
    assert site.asked == []


def test_a_project_is_named_by_its_short_name_and_a_resource_by_its_title(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    project = {"id": "0192f0c1-0000-7000-8000-000000000009", "slug": "parks", "title": "Parks"}
    trees = {"id": ID, "kind": "dataset", "title": "City trees"}
    site.on("GET /projects", (200, {"items": [project], "next": None}))
    site.on("GET /resources", (200, {"items": [trees], "next": None}))
    site.on("GET /ledger", (200, {"items": [], "next": None}))

    assert run(capsys, "ledger", "list", "--node", "parks", "--json")[0] == 0
    assert run(capsys, "ledger", "list", "--node", "City trees", "--json")[0] == 0

    asked = [one.path for one in site.asked if "/ledger" in one.path]
    assert [path.partition("node=")[2].partition("&")[0] for path in asked] == [project["id"], ID]
