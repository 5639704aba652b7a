"""Scopes read strictly, and read back as they were written."""

from __future__ import annotations

from uuid import UUID

import pytest

from simplr_core.access import Action, NodeKind, Scope, ScopeInvalid, parse_scope, parse_scopes

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize(
    "text", ["resource:read", f"release:{ID}:download", "grant:manage", "ledger:read"]
)
def test_a_scope_reads_back_as_written(text: str) -> None:
    assert str(parse_scope(text)) == text


def test_a_scope_is_understood() -> None:
    assert parse_scope(f"project:{ID}:write") == Scope(NodeKind.PROJECT, Action.WRITE, UUID(ID))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "read",
        ":",
        "::",
        "*:read",
        "resource:*",
        "resource:*:read",
        "resource::read",
        "resource:read ",
        " resource:read",
        "Resource:read",
        "resource:READ",
        "resource:read:",
        "dataset:read",
        "resource:erase",
        f"resource:{ID.upper()}:read",
        f"resource:{ID.replace('-', '')}:read",
        f"resource:{{{ID}}}:read",
        f"resource:{ID}:read:more",
        f"resource:{ID}\n:read",
        "resource:1:read",
        "resource:read\x00",
        "resource:" + "0" * 5000 + ":read",
    ],
)
def test_nothing_else_is_a_scope(text: str) -> None:
    with pytest.raises(ScopeInvalid):
        parse_scope(text)


@pytest.mark.parametrize("count", [0, 65])
def test_a_token_carries_some_scopes_but_not_too_many(count: int) -> None:
    with pytest.raises(ScopeInvalid):
        parse_scopes(f"resource:{UUID(int=n)}:read" for n in range(count))


def test_a_scope_covers_what_lets_less_through() -> None:
    whole, one = parse_scope("resource:download"), parse_scope(f"resource:{ID}:read")

    assert whole.covers_scope(parse_scope("resource:read"))
    assert whole.covers_scope(one)
    assert not one.covers_scope(whole)
    assert not one.covers_scope(parse_scope("resource:read"))
    assert not parse_scope("resource:read").covers_scope(whole)
    assert not parse_scope("project:read").covers_scope(parse_scope("resource:read"))
