"""The WSGI application that the web server loads."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wuyou.config.settings")  # noqa: TID251

application = get_wsgi_application()

from wuyou.domains.things import serving  # noqa: E402  (after the platform is loaded)

serving.serve()

# What is loaded by now stays for as long as the process: the collector need not walk over it again and again, and a
# page makes some ten thousand objects that die with it.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 50)
