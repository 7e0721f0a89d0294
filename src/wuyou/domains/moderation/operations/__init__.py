"""Every write of moderation."""

from wuyou.domains.moderation.operations.appeals import answer_appeal, appeal
from wuyou.domains.moderation.operations.deciding import decide, finish_removal
from wuyou.domains.moderation.operations.erasure import erase_person
from wuyou.domains.moderation.operations.reporting import report
from wuyou.domains.moderation.operations.rules import (
    add_picture_rule,
    add_term_rule,
    import_term_rules,
    retire_picture_rule,
    retire_term_rule,
)
from wuyou.domains.moderation.operations.screening import (
    check_name,
    file_screening,
    screen,
    screen_again,
    screen_each,
)

__all__ = [
    "add_picture_rule",
    "add_term_rule",
    "answer_appeal",
    "appeal",
    "check_name",
    "decide",
    "erase_person",
    "file_screening",
    "finish_removal",
    "import_term_rules",
    "report",
    "retire_picture_rule",
    "retire_term_rule",
    "screen",
    "screen_again",
    "screen_each",
]
