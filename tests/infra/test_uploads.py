"""What one request uploads is bounded while it arrives."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from pytest_django.fixtures import Settings


def send(*sizes: int, **headers: Any) -> dict[str, int]:
    files = {f"file{at}": SimpleUploadedFile(f"{at}.jpg", bytes(size)) for at, size in enumerate(sizes)}
    request = RequestFactory().post("/", files, **headers)
    return {name: file.size or 0 for name, file in request.FILES.items()}


def test_files_within_the_bound_arrive(settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 3_000
    assert send(1_000, 2_000) == {"file0": 1_000, "file1": 2_000}


def test_files_that_are_too_much_together_are_refused(settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 3_000
    with pytest.raises(RequestDataTooBig):
        send(1_000, 2_001)


def test_request_that_claims_too_much_is_refused_before_it_is_read(settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 3_000
    with pytest.raises(RequestDataTooBig):
        send(10, CONTENT_LENGTH=10_000_000_000)
