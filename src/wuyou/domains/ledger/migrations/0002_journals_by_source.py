from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="journal",
            index=models.Index(fields=["source_ref", "id"], name="ledger_journal_by_source"),
        ),
    ]
