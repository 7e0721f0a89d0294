"""Pictures of people, for who may see what they belong to. The view has asked for the viewer's sight of it before."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from wuyou.infra import pictures

WIDTHS = pictures.WIDTHS
"""In which a picture can be asked for."""


def serve(request: HttpRequest, key: str, width: int) -> HttpResponseBase:
    """A picture's rendition, kept by nobody but its reader's browser, which asks again each time."""
    if width not in WIDTHS:
        raise Http404
    tag = f'"{key}-{width}"'
    if request.headers.get("If-None-Match") == tag:
        answer: HttpResponseBase = HttpResponse(status=304)
    else:
        try:
            answer = FileResponse(pictures.open_rendition(key, width), content_type=pictures.MEDIA_TYPE)
        except FileNotFoundError as error:
            raise Http404 from error
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer
