"""Names that people are given: a text of a few words with one of them may be a person."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_LOOKED_AT = 500

_NAMES = """
james john robert michael william david richard joseph thomas charles christopher daniel
matthew anthony mark donald steven paul andrew joshua kenneth kevin brian george edward
ronald timothy jason jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin
scott brandon benjamin samuel gregory frank alexander raymond patrick jack dennis jerry
tyler aaron jose adam nathan henry douglas zachary peter kyle walter ethan jeremy harold
keith christian roger noah gerald carl terry sean austin arthur lawrence jesse dylan bryan
joe jordan billy bruce albert willie gabriel logan alan juan wayne roy ralph randy eugene
vincent russell elijah louis bobby philip johnny mary patricia jennifer linda elizabeth
barbara susan jessica sarah karen nancy lisa betty margaret sandra ashley kimberly emily
donna michelle dorothy carol amanda melissa deborah stephanie rebecca sharon laura cynthia
kathleen amy angela shirley anna brenda pamela emma nicole helen samantha katherine
christine debra rachel carolyn janet catherine maria heather diane ruth julie olivia joyce
virginia victoria kelly lauren christina joan evelyn judith megan andrea cheryl hannah
jacqueline martha gloria teresa ann sara madison frances kathryn janice jean abigail alice
julia judy sophia grace denise amber doris marilyn danielle beverly isabella theresa diana
natalie brittany charlotte marie kayla alexis lori hans peter klaus jurgen wolfgang heinz
stefan andreas uwe dieter matthias ursula monika petra sabine renate ingrid claudia jan
piotr anna katarzyna pierre michel philippe alain nicolas francois isabelle nathalie
sylvie luis carlos jorge pedro miguel manuel antonio francisco carmen josefa dolores pilar
giuseppe giovanni mario luigi marco giulia francesca chiara ahmed mohamed mohammed ali
fatima aisha omar hassan wei ming li yuki hiroshi kenji raj priya amit sunita anil sven
lars erik ingrid astrid olga ivan dmitri sergei natasha elena nikolaos georgios dimitris
eleni joao ana paulo fernanda lucas chloe mia zoe ella lachlan liam harry oliver joel
isaac caleb lily ruby jasmine georgia bailey mitchell
"""
_GIVEN_NAMES = frozenset(_NAMES.split())


def share_of_person_names(values: Sequence[str]) -> float:
    """How many of the values are a few words of letters, one of them a common given name."""
    looked_at = values[:MOST_LOOKED_AT]
    if len(looked_at) < 10:
        return 0.0
    found = 0
    for value in looked_at:
        words = re.findall(r"[^\W\d_]+", value.casefold())
        few = 1 <= len(words) <= 4 and not re.search(r"\d", value)
        found += few and bool(_GIVEN_NAMES.intersection(words))
    return found / len(looked_at)
