"""Posts: read, with what others say under them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from wuyou.domains.content import queries
from wuyou.infra.sight import get_viewer
from wuyou.surfaces.storefront import serving
from wuyou.surfaces.storefront.access import viewer_id
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import post_page


@require_safe
def show_post(request: HttpRequest, post_id: int) -> HttpResponse:
    """A post, for whoever sees it now."""
    viewer = get_viewer(viewer_id(request))
    post = queries.get_post_for(viewer, post_id)
    return show(request, "post.html", {"post": post_page.page_of(viewer, post)}, place="home")


@require_safe
def show_photo(request: HttpRequest, photo_id: int, width: int) -> HttpResponseBase:
    """A picture of a post, for whoever sees the post now. Raises: `PhotoNotFound` for everyone else."""
    photo = queries.get_photo_for(get_viewer(viewer_id(request)), photo_id)
    return serving.serve(request, photo.key, width)
