"""Clusters of spellings: values of one category that are the same word written in several ways.

Two keys find them. The fingerprint (letters and digits without case, accents and marks, words in
order) finds those that differ in nothing that is read; the distance between fingerprints finds slips
of the keyboard. The second is only ever proposed, never on.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from simplr_core.tidy.confidence import Confidence

SHORTEST_WORD = 5
"""Below so many letters one letter more or less is another word."""
RARE = 10
"""A slip is at most one in so many of the word it was to be."""
MOST_CLUSTERS = 200
MOST_COMPARED = 400


@dataclass(frozen=True, slots=True)
class Cluster:
    """Spellings of one word: the commonest, and the others."""

    to: str
    others: tuple[str, ...]
    cell_count: int
    """How many cells hold one of the others."""
    by_distance: bool
    confidence: Confidence

    @property
    def evidence(self) -> str:
        spellings, cells = len(self.others), self.cell_count
        verb = "differ" if spellings > 1 else "differs"
        how = (
            f"{verb} from a far commoner one by a letter or two"
            if self.by_distance
            else f"{verb} from a commoner one in case, accents or marks only"
        )
        some = f"{spellings} spellings" if spellings > 1 else "1 spelling"
        return f"{some} in {cells} {'cells' if cells > 1 else 'cell'} {how}."


def fingerprint(text: str) -> str:
    """What two spellings of one word share: letters and digits, the words in order."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    return " ".join(sorted(set(re.findall(r"[^\W_]+", plain))))


def clusters_in(counts: Mapping[str, int]) -> list[Cluster]:
    """The clusters among the values of a field, each with how often it occurs."""
    by_print: dict[str, dict[str, int]] = defaultdict(dict)
    for value, count in counts.items():
        key = fingerprint(value)
        if len(key) > 1 and any(c.isalpha() for c in key):
            by_print[key][value] = count
    found = [_same_print(values) for values in by_print.values() if len(values) > 1]
    found += _slips(by_print)
    return sorted(found, key=lambda one: (-one.cell_count, one.to))[:MOST_CLUSTERS]


def _same_print(values: Mapping[str, int]) -> Cluster:
    to = _commonest(values)
    others = {value: count for value, count in values.items() if value != to}
    clear = values[to] >= 2 * max(others.values())
    sure = clear and all(_letters_of(value) == _letters_of(to) for value in others)
    return Cluster(
        to,
        tuple(sorted(others)),
        sum(others.values()),
        by_distance=False,
        confidence=Confidence.LIKELY if sure else Confidence.CHECK,
    )


def _commonest(values: Mapping[str, int]) -> str:
    return min(values, key=lambda value: (-values[value], value))


def _letters_of(text: str) -> str:
    """What is left of a text without case and blanks."""
    return "".join(text.casefold().split())


def _slips(by_print: Mapping[str, Mapping[str, int]]) -> list[Cluster]:
    """Rare words one or two letters away from a common one, none of them with a digit."""
    words = {
        key: sum(values.values())
        for key, values in by_print.items()
        if len(key) >= SHORTEST_WORD and not any(c.isdigit() for c in key)
    }
    common_first = sorted(words, key=lambda key: (-words[key], key))
    if len(common_first) > MOST_COMPARED:
        return []
    slips: dict[str, list[str]] = defaultdict(list)
    for rare in reversed(common_first):
        for common in common_first:
            if words[rare] * RARE > words[common]:
                break
            most = 2 if len(common) >= 2 * SHORTEST_WORD else 1
            if abs(len(rare) - len(common)) <= most and distance(rare, common, most) <= most:
                slips[common].append(rare)
                break
    return [_of_slips(by_print, common, rares) for common, rares in slips.items()]


def _of_slips(by_print: Mapping[str, Mapping[str, int]], common: str, rares: list[str]) -> Cluster:
    others = {value: n for rare in rares for value, n in by_print[rare].items()}
    return Cluster(
        _commonest(by_print[common]),
        tuple(sorted(others)),
        sum(others.values()),
        by_distance=True,
        confidence=Confidence.CHECK,
    )


def distance(one: str, other: str, most: int) -> int:
    """How many letters to add, drop, change or swap with the next; `most + 1` for any more."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, other_letter in enumerate(other, start=1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other_letter))
            swapped = i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == other_letter
            row.append(min(best, before[j - 2] + 1) if swapped else best)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)
