from django.db import migrations

from simplr.base.appendonly import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("base", "0001_initial")]
    operations = [*refuse_changes("base_event")]
