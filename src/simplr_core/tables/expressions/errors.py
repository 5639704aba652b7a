"""Why a condition is refused. The sentences name what was written, never a value of the data."""

from __future__ import annotations

from simplr_core.errors import Invalid


class ConditionNotAllowed(Invalid):
    """A condition compares fields with values; see the manual's page on conditions."""

    code = "condition-not-allowed"


class ConditionUnknownField(Invalid):
    """The condition names a field that is not there for you to use."""

    code = "condition-unknown-field"


class ConditionTypeMismatch(ConditionNotAllowed):
    """The two sides of a comparison are of different kinds."""
