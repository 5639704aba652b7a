"""The licence row: general access of a person or an organisation."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from simplr.accounts.models import Organisation, Person
from simplr.base.ids import new_id


class Licence(models.Model):
    """Lets a person, or everyone of an organisation, into the installation at all."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="licences")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, related_name="licences"
    )
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="licence_has_one_holder",
                condition=Q(person__isnull=True) ^ Q(organisation__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"licence {self.id}"
