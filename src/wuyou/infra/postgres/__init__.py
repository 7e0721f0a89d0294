"""Django's PostgreSQL backend, less one question a request: `DATABASES["default"]["ENGINE"]`."""
