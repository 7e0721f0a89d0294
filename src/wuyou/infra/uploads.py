"""A bound on everything that one request uploads, kept while it arrives."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest


class BoundedUpload(FileUploadHandler):
    """Refuses a request whose files have more bytes than `settings.UPLOAD_MAX_BYTES`; else passes all on."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._received = 0

    def handle_raw_input(self, input_data: Any, meta: dict[str, str], content_length: int, *_: Any) -> None:
        """Refuse by what the request says of itself, before any of it is read."""
        if content_length > settings.UPLOAD_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count what arrives, whatever was said."""
        self._received += len(raw_data)
        if self._received > settings.UPLOAD_MAX_BYTES:
            raise RequestDataTooBig()
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        """Leave the file to the handlers that follow."""
        return None
