from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(condition=models.Q(('state', 'failed')), fields=['id'], name='refund_waiting_for_staff'),
        ),
    ]
