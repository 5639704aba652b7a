from django.db import migrations

from simplr.base.appendonly import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [*refuse_changes("audit_leaf"), *refuse_changes("audit_checkpoint")]
