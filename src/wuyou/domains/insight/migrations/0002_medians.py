from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("insight", "0001_begin")]

    operations = [
        migrations.AddField("dailyfigure", "dwell_median_ms", models.BigIntegerField(default=0)),
        migrations.AddField("dailyfigure", "onward", models.BigIntegerField(default=0)),
    ]
