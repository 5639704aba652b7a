"""How good a data set is, from counts alone: completeness, validity, uniqueness, consistency.

The words are those of ISO/IEC 25012 and of the DAMA dimensions. This package knows counts; it
refuses to know values, and to give a number for what nobody measured.
"""

from simplr_core.quality.scores import (
    DIMENSIONS,
    Cost,
    Dimension,
    FieldCounts,
    Part,
    Score,
    TableCounts,
    score,
)

__all__ = [
    "DIMENSIONS",
    "Cost",
    "Dimension",
    "FieldCounts",
    "Part",
    "Score",
    "TableCounts",
    "score",
]
