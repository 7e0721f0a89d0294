"""What the workbench refuses of files and forms."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError


class TableTooLarge(DomainError):
    """Facts: megabytes."""

    code = "seller.table_too_large"


class TableUnreadable(DomainError):
    """Not CSV in UTF-8 or GB 18030. Facts: line."""

    code = "seller.table_unreadable"


class TableEmpty(DomainError):
    """No line below the names of the columns."""

    code = "seller.table_empty"


class TooManyLines(DomainError):
    """Facts: most."""

    code = "seller.too_many_lines"


class ColumnsUnknown(DomainError):
    """Facts: columns."""

    code = "seller.columns_unknown"


class ColumnsMissing(DomainError):
    """Facts: columns."""

    code = "seller.columns_missing"


class AmountMalformed(DomainError):
    """Not an amount in the currency's own units. Facts: said, example."""

    code = "seller.amount_malformed"


class CurrencyStays(DomainError):
    """What is sold keeps its currency. Facts: currency."""

    code = "seller.currency_stays"


class LinesWrong(DomainError):
    """Some lines of a file cannot be taken over, so none was. Facts: count."""

    code = "seller.lines_wrong"


class LinesDisagree(DomainError):
    """Two lines say different things of one product. Facts: title."""

    code = "seller.lines_disagree"


class PictureUnknown(DomainError):
    """No picture of this name in the interface's set. Facts: picture."""

    code = "seller.picture_unknown"


class KeywordUnknown(DomainError):
    """No keyword for goods is offered under this name. Facts: word."""

    code = "seller.keyword_unknown"


class KeywordUnclear(DomainError):
    """Several keywords are called so. Facts: word; clear: how to write one of them."""

    code = "seller.keyword_unclear"


class StockUnseen(DomainError):
    """A line changes stock and does not say what was there."""

    code = "seller.stock_unseen"
