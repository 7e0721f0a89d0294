"""内容/种草: what people write and show of their things, and what others answer.

Nouns: Post (帖子), PostPhoto, PostVideo, Tag (标记: a thing, perhaps sold here, at a place of a picture or
at a moment of a film), Topic (话题), Series (连载), Revision (修改记录), Comment (评论), Reaction (表态), Save (收藏).
States: post DRAFT → SCHEDULED → PUBLISHED; a draft and what is under review are withheld, which is sight's business.
Invariants: a post that leads to a purchase and earns is marked as advertising from the moment it is published; what it
said before stays on record; a repost is seen by whom the post is that it passes on; a comment by whom its post is.
Never: sells, counts clicks or pays (that is `orders` and `alliance`); chooses what somebody is shown (that is `feed`).
"""
