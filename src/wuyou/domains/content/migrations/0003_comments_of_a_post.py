from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("content", "0002_untold")]

    operations = [
        migrations.RemoveIndex(model_name="comment", name="threads_of_a_post"),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["post", "thread", "-id"], name="comments_of_a_post"),
        ),
    ]
