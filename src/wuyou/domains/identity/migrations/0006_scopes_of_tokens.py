from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0005_accounts")]

    operations = [
        migrations.AddField(
            model_name="accesstoken",
            name="scope",
            field=models.CharField(blank=True, db_default="", max_length=20),
        ),
    ]
