"""A closed month as a document for people and their accountants.

What proves itself is the JSON or the table; this carries their digest, so that either can be held to it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from wuyou.engines.statements.files import Document, decimal
from wuyou.kernel.clock import BUSINESS_ZONE
from wuyou.kernel.money import Money
from wuyou.surfaces.ui import statements as views
from wuyou.surfaces.ui.parts import Fact

FONT = "STSong-Light"
"""One of the fonts that every reader of PDF brings for Chinese, so that nothing has to be shipped or embedded."""
INK, SOFT, RULE = colors.HexColor("#1f1d1a"), colors.HexColor("#6f6a62"), colors.HexColor("#dcd7ce")
_MARGIN = 18 * mm
_WIDTHS = tuple(part * mm for part in (8, 28, 68, 34, 18, 18))


def write_pdf(document: Document, owners: Mapping[str, str]) -> bytes:
    """The document of a statement, in the reader's language. The same statement is the same file.

    Args: owners: what the accounts that the reader may see are called.
    """
    out = io.BytesIO()
    number = document["head"]["number"]
    page = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + 6 * mm,
        title=f"{_('Statement')} {number}",
        author=document["head"]["issuer"],
        subject=document["hash"],
        invariant=1,
    )

    def foot(canvas: Canvas, doc: SimpleDocTemplate) -> None:
        canvas.setFont(_font(), 7)
        canvas.setFillColor(SOFT)
        canvas.drawString(_MARGIN, _MARGIN, f"{number} · {document['hash']}")
        canvas.drawRightString(A4[0] - _MARGIN, _MARGIN, str(doc.page))

    page.build(_story(document, owners), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _story(document: Document, owners: Mapping[str, str]) -> list[Flowable]:
    return [
        Paragraph(_("Statement"), _style(18, leading=24)),
        Paragraph(document["head"]["number"], _style(9, colour=SOFT)),
        Spacer(0, 6 * mm),
        _facts(views.head_of(document, owners)),
        Spacer(0, 6 * mm),
        _lines(document),
        Spacer(0, 8 * mm),
        Paragraph(
            _("The JSON file and the table of this statement prove themselves; they have this hash."),
            _style(9, colour=SOFT),
        ),
        Spacer(0, 2 * mm),
        _facts(views.proof_of(document)),
    ]


def _facts(facts: Sequence[Fact]) -> Table:
    rows = [[_cell(fact.label, SOFT), _cell(_text(fact.value))] for fact in facts]
    return Table(rows, colWidths=(36 * mm, sum(_WIDTHS) - 36 * mm), style=_RULED, hAlign="LEFT")


def _lines(document: Document) -> LongTable:
    heads = ("№", _("Booked at"), _("What for"), _("Source"), _("Amount"), _("Balance"))
    rows = [[_cell(head, SOFT, right=column > 3) for column, head in enumerate(heads)]]
    for line in views.lines_of(document):
        what = f"{_escape(line.what)}<br/>{_escape(line.sum)}" if line.sum else _escape(line.what)
        rows.append(
            [
                _cell(str(line.no)),
                _cell(_text(line.at)),
                Paragraph(what, _style(8)),
                _cell(line.about),
                _cell(_text(line.amount), right=True),
                _cell(_text(line.balance), right=True),
            ]
        )
    return LongTable(rows, colWidths=_WIDTHS, repeatRows=1, style=_RULED, hAlign="LEFT")


_RULED = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2 * mm),
        ("TOPPADDING", (0, 0), (-1, -1), 1.4 * mm),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.4 * mm),
    ]
)


def _cell(text: str, colour: colors.Color = INK, *, right: bool = False) -> Paragraph:
    return Paragraph(_escape(text), _style(8, colour=colour, right=right))


def _text(value: object) -> str:
    """A value without marks of a page: `-12.00 CNY`, `2026-03-31 23:59`."""
    match value:
        case Money():
            return f"{decimal(value.amount_minor, value.currency.exponent)} {value.currency.code}"
        case datetime():
            return f"{value.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}"
    return str(value)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _style(size: int, *, colour: colors.Color = INK, leading: int = 0, right: bool = False) -> ParagraphStyle:
    style = ParagraphStyle("text", fontName=_font(), fontSize=size, leading=leading or size * 1.45, textColor=colour)
    style.wordWrap = "CJK"
    if right:
        style.alignment = TA_RIGHT
    return style


@cache
def _font() -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    return FONT
