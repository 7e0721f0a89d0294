"""The WSGI application that the web server loads."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wuyou.config.settings")  # noqa: TID251

application = get_wsgi_application()

from wuyou.domains.things import serving  # noqa: E402  (after the platform is loaded)
from wuyou.infra import memory  # noqa: E402

serving.serve()

memory.keep_what_is_loaded()
