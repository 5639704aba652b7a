from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("access", "0003_things_lie_in_the_trash")]
    operations = [
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(
                fields=["until"],
                condition=Q(revoked_at__isnull=True, until__isnull=False),
                name="grant_that_ends",
            ),
        ),
    ]
