"""What programs leave behind: codes of an hour ago, renewals of consents that ended long since."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from simplr.access.models import AccessToken, CodeGrant, DeviceGrant, RefreshToken

CODES_STAY = timedelta(days=1)
"""So long a second coming of a code still ends what came of the first."""
RENEWALS_STAY = timedelta(days=30)
"""So long after the end of their consent; while it lives, all of them stay."""


@transaction.atomic
def forget_over(*, now: datetime) -> int:
    """Remove what nothing can come of any more; how many rows. Consents themselves stay."""
    codes, renewals = now - CODES_STAY, now - RENEWALS_STAY
    ended = AccessToken.objects.filter(
        Q(revoked_at__lt=renewals) | Q(expires__lt=renewals, renewable_until__lt=renewals)
    )
    over = (
        CodeGrant.objects.filter(expires__lt=codes),
        DeviceGrant.objects.filter(expires__lt=codes),
        RefreshToken.objects.filter(token_family__in=ended.values("public_id")),
        AccessToken.objects.filter(
            application__isnull=False, made_with__isnull=False, expires__lt=codes
        ),
    )
    return sum(rows.delete()[0] for rows in over)
