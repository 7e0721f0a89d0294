from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("infra", "0004_lake")]

    operations = [migrations.RemoveIndex(model_name="event", name="event_in_commit_order")]
