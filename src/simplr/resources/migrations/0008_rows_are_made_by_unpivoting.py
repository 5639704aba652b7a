from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("resources", "0007_versions_keep_their_recipe")]

    operations = [
        migrations.AddField(
            model_name="version", name="rows_made", field=models.BigIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="version", name="rows_each", field=models.PositiveIntegerField(default=1)
        ),
        migrations.RemoveConstraint(model_name="version", name="rows_in_are_kept_or_quarantined"),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.CheckConstraint(
                name="rows_in_are_kept_or_quarantined",
                condition=models.Q(rows_in__isnull=True)
                | models.Q(
                    rows_in=models.F("rows_kept")
                    + models.F("rows_quarantined")
                    - models.F("rows_made")
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.CheckConstraint(
                name="rows_made_are_those_of_each_row",
                condition=models.Q(rows_in__isnull=True)
                | ~models.Q(mode="replace")
                | models.Q(
                    rows_kept=(models.F("rows_in") - models.F("rows_quarantined"))
                    * models.F("rows_each")
                ),
            ),
        ),
    ]
