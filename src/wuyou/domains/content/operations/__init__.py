"""Every write of content, by noun."""

from wuyou.domains.content.operations.erasure import erase_person
from wuyou.domains.content.operations.judged import follow_judgement, remove_judged
from wuyou.domains.content.operations.posts import (
    add_photos,
    edit_post,
    follow_merge,
    remove_post,
    set_film,
    start_post,
)
from wuyou.domains.content.operations.publishing import (
    hold_post,
    let_post_go,
    publish_post,
    publish_when_due,
    repost,
    unschedule_post,
)
from wuyou.domains.content.operations.responses import (
    edit_comment,
    hold_comment,
    let_comment_go,
    react,
    remove_comment,
    save_post,
    take_reaction_back,
    take_thanks_back,
    thank_for_post,
    unsave_post,
    write_comment,
)
from wuyou.domains.content.operations.series import make_series, remove_series, rename_series

__all__ = [
    "add_photos",
    "edit_comment",
    "edit_post",
    "erase_person",
    "follow_judgement",
    "follow_merge",
    "hold_comment",
    "hold_post",
    "let_comment_go",
    "let_post_go",
    "make_series",
    "publish_post",
    "publish_when_due",
    "react",
    "remove_comment",
    "remove_judged",
    "remove_post",
    "remove_series",
    "rename_series",
    "repost",
    "save_post",
    "set_film",
    "start_post",
    "take_reaction_back",
    "take_thanks_back",
    "thank_for_post",
    "unsave_post",
    "unschedule_post",
    "write_comment",
]
