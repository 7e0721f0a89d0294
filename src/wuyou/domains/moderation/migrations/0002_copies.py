from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="case", name="case_subject_is_known"),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "subject_kind__in",
                        [
                            "REVIEW",
                            "ANNOTATION",
                            "ANSWER",
                            "COPY",
                            "POST",
                            "COMMENT",
                            "MESSAGE",
                            "PERSON",
                            "FACE",
                            "PRODUCT",
                            "SHOP",
                        ],
                    )
                ),
                name="case_subject_is_known",
            ),
        ),
    ]
