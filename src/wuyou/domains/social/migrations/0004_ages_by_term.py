from django.db import migrations

# What `said.terms_of_age` makes of an age: the five years that it covers, or an adult.
_TERMS = """
    UPDATE social_trait SET terms = CASE
        WHEN first_year IS NULL THEN ARRAY['adult']
        ELSE ARRAY(SELECT year::text FROM generate_series(first_year::int, first_year + years - 1, 5) AS year) END
    WHERE kind = 'AGE'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('social', '0003_faces'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='trait',
            name='traits_by_age',
        ),
        migrations.RunSQL(_TERMS, migrations.RunSQL.noop),
    ]
