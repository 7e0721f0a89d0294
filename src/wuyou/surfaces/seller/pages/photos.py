"""What do the goods look like: the shop's own photographs, of its products and put aside for the next ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import operations, queries
from wuyou.domains.catalog.operations import MAX_PHOTOS
from wuyou.domains.catalog.types import Permission, Photo, PhotoDraft
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.seller.access import Desk, any_clerk, change, clerks_with
from wuyou.surfaces.seller.pages.products import product_page
from wuyou.surfaces.seller.viewmodels import show
from wuyou.surfaces.ui import goods_pictures, parts, places, serving
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.parsing import chosen_ids, read_id
from wuyou.surfaces.ui.refusals import FormMalformed, NoFile, NothingChosen

_MOST_AT_ONCE: Final = 40


@dataclass(frozen=True, slots=True)
class AsideRow:
    """A photograph that belongs to no product."""

    id: int
    name: str
    picture: str


@clerks_with(Permission.GOODS)
@require_http_methods(["GET", "HEAD", "POST"])
def aside(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Photographs that belong to no product yet; lists of goods name them. More can be put there."""
    if request.method != "POST":
        return _page(request, desk)
    return _or_again(request, desk, None, lambda: _add(request, desk, None, desk.href("photos")))


@clerks_with(Permission.GOODS)
@require_POST
def add(request: HttpRequest, desk: Desk, product_id: int) -> HttpResponseBase:
    """Put photographs after the others of a product, all of them or none."""
    queries.get_product_of(desk.shop.id, product_id)
    return _or_again(request, desk, product_id, lambda: _add(request, desk, product_id, _back(desk, product_id)))


@clerks_with(Permission.GOODS)
@require_POST
def take_up(request: HttpRequest, desk: Desk, product_id: int) -> HttpResponseBase:
    """Give a product photographs that were put aside, after its own."""
    queries.get_product_of(desk.shop.id, product_id)
    if not request.POST.getlist("photo"):
        raise NothingChosen()
    chosen = chosen_ids(request.POST, "photo", most=MAX_PHOTOS)

    def effect(now: datetime) -> str:
        own = [photo.id for photo in queries.photos_of(product_id)]
        operations.arrange_photos(actor=desk.actor, product_id=product_id, photo_ids=[*own, *chosen], now=now)
        return _back(desk, product_id)

    return _or_again(request, desk, product_id, lambda: change(request, desk, effect, _("Saved")))


@any_clerk
@require_safe
def show_photo(request: HttpRequest, desk: Desk, photo_id: int, width: int) -> HttpResponseBase:
    """A photograph of the shop, whatever it is of. Raises `PhotoNotFound`."""
    return serving.serve(request, queries.get_photo_of(desk.shop.id, photo_id).key, width)


@clerks_with(Permission.GOODS)
@require_POST
def change_photo(request: HttpRequest, desk: Desk, photo_id: int) -> HttpResponseBase:
    """What one photograph says, or its place: `do` is describe, first, earlier, later, aside or remove."""
    photo, what = queries.get_photo_of(desk.shop.id, photo_id), request.POST.get("do", "")
    change_it = _changes(request, desk, photo).get(what)
    if change_it is None:
        raise FormMalformed()

    def effect(now: datetime) -> str:
        change_it(now)
        return desk.href("photos") if photo.product_id is None else _back(desk, photo.product_id)

    return _or_again(request, desk, photo.product_id, lambda: change(request, desk, effect, _("Saved")))


def _changes(request: HttpRequest, desk: Desk, photo: Photo) -> dict[str, Callable[[datetime], None]]:
    def remove(now: datetime) -> None:
        operations.remove_photos(actor=desk.actor, shop_id=desk.shop.id, photo_ids=[photo.id], now=now)

    def describe(now: datetime) -> None:
        said = request.POST.get("variant", "")
        operations.describe_photo(
            actor=desk.actor,
            shop_id=desk.shop.id,
            photo_id=photo.id,
            alt=request.POST.get("alt", ""),
            alt_en=request.POST.get("alt_en", ""),
            variant_id=read_id(said) if said else None,
            now=now,
        )

    def arrange(change_order: Callable[[list[int]], Sequence[int]]) -> Callable[[datetime], None]:
        def arranged(now: datetime) -> None:
            if photo.product_id is None:
                raise catalog_errors.PhotoNotFound()
            before = [each.id for each in queries.photos_of(photo.product_id)]
            operations.arrange_photos(
                actor=desk.actor, product_id=photo.product_id, photo_ids=change_order(before), now=now
            )

        return arranged

    ways = {way: arrange(lambda ids, way=way: places.moved(ids, photo.id, way)) for way in places.STEPS}  # type: ignore[misc]
    put_aside = arrange(lambda ids: [each for each in ids if each != photo.id])
    return {"remove": remove, "describe": describe, "aside": put_aside, **ways}


def _add(request: HttpRequest, desk: Desk, product_id: int | None, back: str) -> HttpResponseBase:
    sent: list[UploadedFile[bytes]] = request.FILES.getlist("photos")
    if not sent:
        raise NoFile()
    if len(sent) > _MOST_AT_ONCE or (product_id is not None and len(sent) > MAX_PHOTOS):
        raise catalog_errors.TooManyPhotos(most=_MOST_AT_ONCE if product_id is None else MAX_PHOTOS)
    taken = serving.take_in(sent)
    drafts = [PhotoDraft(file.name or "", picture) for file, picture in zip(sent, taken, strict=True)]

    def effect(now: datetime) -> str:
        operations.add_photos(actor=desk.actor, shop_id=desk.shop.id, product_id=product_id, drafts=drafts, now=now)
        return back

    count = len(sent)
    return change(request, desk, effect, ngettext("%(n)s photo added", "%(n)s photos added", count) % {"n": count})


def _back(desk: Desk, product_id: int) -> str:
    return f"{desk.href('product', product_id)}#photos"


def _or_again(
    request: HttpRequest, desk: Desk, product_id: int | None, attempt: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """What an attempt answers; what it is refused for is said on the page of its photographs."""
    try:
        return attempt()
    except DomainError as refused:
        count_refusal(refused)
        return _page(request, desk, refused) if product_id is None else product_page(request, desk, product_id, refused)


def _page(request: HttpRequest, desk: Desk, refused: DomainError | None = None) -> HttpResponseBase:
    return show(
        request,
        desk,
        "photos",
        "products",
        status=status_of(refused) if refused else 200,
        photos=[
            AsideRow(each.id, each.name, desk.photo(each.id, goods_pictures.ON_CARD))
            for each in queries.list_photos_aside(desk.shop.id)
        ],
        empty=parts.Empty(
            _("Nothing is put aside"),
            _("Upload photographs here before you import a list of goods: its column “photos” names them."),
            "camera",
        ),
        refusal=text_of(refused) if refused else "",
    )
