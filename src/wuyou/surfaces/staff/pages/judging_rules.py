"""What is found by itself: the rules on terms and pictures, and a text to try them on."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.moderation import errors, filing, operations, queries
from wuyou.domains.moderation.types import Category, TermDraft, TermRule, Verdict
from wuyou.infra import pictures
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.paging import MAX_PAGE, Page
from wuyou.surfaces.staff.access import actor_of, handle_once, new_key, staff_only
from wuyou.surfaces.staff.pages.judging import pieces
from wuyou.surfaces.staff.viewmodels import show
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import judging, lists, parts
from wuyou.surfaces.ui.lists import Search

_LONGEST_TRY = 5_000


# ---------------------------------------------------------------- terms


@staff_only
@require_http_methods(["GET", "HEAD"])
def terms(request: HttpRequest) -> HttpResponseBase:
    """The term rules, as a list and as a file."""
    if lists.wants_csv(request):
        return lists.csv_answer("terms", filing.HEAD, filing.rows_of(lists.all_items(_all)))
    return _terms(request)


@staff_only
@require_POST
def add_term(request: HttpRequest) -> HttpResponse:
    """Write a rule on a term; one of the same term is replaced."""
    sent = request.POST
    try:
        draft = TermDraft(
            sent.get("term", ""),
            Verdict(sent.get("verdict", "")),
            Category(sent.get("category", "")),
            tuple(filter(None, (line.strip() for line in sent.get("exceptions", "").splitlines()))),
        )
    except ValueError:
        return _terms(request, refusal=_("Choose what the rule does, and which rule of the house it is for."))
    now = utc_now()
    return _written(
        request,
        lambda: operations.add_term_rule(actor=actor_of(request), draft=draft, now=now),
        _("The rule holds from now on."),
    )


@staff_only
@require_POST
def import_terms(request: HttpRequest) -> HttpResponse:
    """Take in a file of rules, or the starting set that comes with Wuyou: as a whole or not at all."""
    now, file = utc_now(), request.FILES.get("file")
    try:
        if file is not None:
            content = file.read(filing.MAX_BYTES + 1)
            drafts = filing.read_rules(content)
        elif "starting" in request.POST:
            drafts = filing.starting_set()
        else:
            return _terms(request, refusal=_("Please choose a file first."))
    except DomainError as refused:
        return _terms(request, refused)
    return _written(
        request,
        lambda: operations.import_term_rules(actor=actor_of(request), drafts=drafts, now=now),
        ngettext("%(count)d rule was read.", "%(count)d rules were read.", len(drafts)) % {"count": len(drafts)},
    )


@staff_only
@require_POST
def retire_term(request: HttpRequest, rule_id: int) -> HttpResponse:
    """The rule finds nothing any more."""
    now = utc_now()
    return _written(
        request,
        lambda: operations.retire_term_rule(actor=actor_of(request), rule_id=rule_id, now=now),
        _("The rule is retired. What it found stays found."),
    )


def _all(cursor: int | None) -> Page[TermRule]:
    return queries.list_term_rules(cursor=cursor, limit=MAX_PAGE)


def _written(request: HttpRequest, act: Callable[[], object], said: str) -> HttpResponse:
    try:
        handle_once(request, act, utc_now())
    except DomainError as refused:
        return _terms(request, refused)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("staff:terms"))


def _terms(request: HttpRequest, refused: DomainError | None = None, *, refusal: str = "") -> HttpResponse:
    trail, words = lists.trail_of(request), lists.search_term(request)
    category = next((each for each in Category if each.value == request.GET.get("category")), None)
    page = queries.list_term_rules(category=category, words=words, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    tried = request.GET.get("try", "")[:_LONGEST_TRY]
    now = utc_now()
    found = queries.find_terms(tried, now) if tried else ()
    return show(
        request,
        "terms",
        "terms",
        ui_errors.status_of(refused) if refused else 422 if refusal else 200,
        rules=page.items,
        lines=tuple(_line(rule) for rule in page.items),
        tabs=(
            parts.Tab(_("All"), lists.href(request, category=""), category is None),
            *(
                parts.Tab(judging.title_of(each), lists.href(request, category=each.value), category is each)
                for each in Category
            ),
        ),
        search=Search(_("Find a term"), words, (("category", category.value),) if category else ()),
        paging=lists.paging(request, trail, page.next_cursor),
        empty=parts.Empty(
            _("No rules yet"),
            _("A starting set in both languages comes with Wuyou: contacts, made-up sales, imitations, gambling."),
            "umbrella",
        )
        if not (words or category or trail.cursors)
        else parts.Empty(_("No such rule"), _("Look at another rule of the house, or at all of them."), "tent"),
        has_none=not (words or category or trail.cursors or page.items),
        export_href=lists.href(request, format="csv"),
        verdicts=tuple(
            parts.Choice(
                each.value, str(judging.VERDICTS[each][0]), note=str(MEANS[each]()), chosen=each is Verdict.HOLD
            )
            for each in Verdict
        ),
        categories=tuple((each.value, judging.title_of(each)) for each in Category),
        typed={name: request.POST.get(name, "") for name in ("term", "exceptions")},
        tried=tried,
        tried_pieces=pieces(tried, found),
        tried_rules=tuple(
            (str(judging.VERDICTS[rule.verdict][0]), f"{judging.title_of(rule.category)}: {rule.text}")
            for rule in {one.rule.id: one.rule for one in found}.values()
        ),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else refusal,
    )


MEANS = {
    Verdict.REFUSE: lambda: _("It cannot be published; its writer is told the words and the rule."),
    Verdict.HOLD: lambda: _("Only its writer sees it until one of us has looked."),
    Verdict.MARK: lambda: _("It is published, and noted here."),
}


def _line(rule: TermRule) -> dict[str, object]:
    text, tone = judging.VERDICTS[rule.verdict]
    return {
        "id": rule.id,
        "text": rule.text,
        "exceptions": rule.exceptions,
        "verdict": parts.Chip(str(text), tone),
        "category": judging.title_of(rule.category),
        "valid_from": rule.valid_from,
        "hit_count": rule.hit_count,
    }


# ---------------------------------------------------------------- pictures, and what was marked


@staff_only
@require_safe
def picture_rules(request: HttpRequest) -> HttpResponse:
    return _pictures(request)


@staff_only
@require_POST
def add_picture(request: HttpRequest) -> HttpResponse:
    """From now on what looks like the sent picture is found; the picture itself is not kept."""
    now, file = utc_now(), request.FILES.get("file")
    verdict = next((each for each in Verdict if each.value == request.POST.get("verdict")), None)
    category = next((each for each in Category if each.value == request.POST.get("category")), None)
    if file is None or verdict is None or category is None:
        return _pictures(request, refusal=_("Choose a picture, what the rule does, and which rule it is for."))
    note = request.POST.get("note", "")
    try:
        pictures.check_size(file.size or 0)
        look = pictures.look_of(file.read())
        handle_once(
            request,
            lambda: operations.add_picture_rule(
                actor=actor_of(request), phash=look, verdict=verdict, category=category, note=note, now=now
            ),
            now,
        )
    except DomainError as refused:
        return _pictures(request, refused)
    messages.success(request, _("What looks like it is found from now on."))
    return HttpResponseRedirect(reverse("staff:picture-rules"))


@staff_only
@require_POST
def retire_picture(request: HttpRequest, rule_id: int) -> HttpResponse:
    """The rule finds nothing any more."""
    now = utc_now()
    try:
        handle_once(
            request,
            lambda: operations.retire_picture_rule(actor=actor_of(request), rule_id=rule_id, now=now),
            now,
        )
    except errors.RuleNotFound as refused:
        return _pictures(request, refused)
    messages.success(request, _("The rule is retired. What it found stays found."))
    return HttpResponseRedirect(reverse("staff:picture-rules"))


def _pictures(request: HttpRequest, refused: DomainError | None = None, *, refusal: str = "") -> HttpResponse:
    trail = lists.trail_of(request)
    page = queries.list_picture_rules(cursor=trail.cursor, limit=lists.PAGE_SIZE)
    return show(
        request,
        "picture_rules",
        "picture-rules",
        ui_errors.status_of(refused) if refused else 422 if refusal else 200,
        lines=tuple(
            {
                "id": rule.id,
                "look": f"{rule.phash & (1 << 64) - 1:016x}",
                "note": rule.note,
                "verdict": parts.Chip(str(judging.VERDICTS[rule.verdict][0]), judging.VERDICTS[rule.verdict][1]),
                "category": judging.title_of(rule.category),
                "made_at": rule.made_at,
                "hit_count": rule.hit_count,
            }
            for rule in page.items
        ),
        marks=tuple(
            (str(judging.KINDS[subject.kind]), _found_by(hit.term, hit.picture is not None), hit.found_at)
            for subject, hit in queries.list_marks(limit=20)
        ),
        paging=lists.paging(request, trail, page.next_cursor),
        empty=parts.Empty(
            _("No picture rules yet"), _("Add one here, or from a picture of a case. Only its look is kept."), "tea"
        ),
        verdicts=tuple(
            parts.Choice(each.value, str(judging.VERDICTS[each][0]), chosen=each is Verdict.HOLD) for each in Verdict
        ),
        categories=tuple((each.value, judging.title_of(each)) for each in Category),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else refusal,
    )


def _found_by(term: TermRule | None, is_picture: bool) -> str:
    if term is not None:
        return f"{judging.title_of(term.category)}: {term.text}"
    return _("a picture rule") if is_picture else ""
