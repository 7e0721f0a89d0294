"""The WSGI application that the web server loads."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wuyou.config.settings")  # noqa: TID251

application = get_wsgi_application()

from wuyou.domains.things import neighbours  # noqa: E402  (models are there only now)

neighbours.serve()
