"""信息流: what somebody is shown: of the people they know, of what may please them, and of what they look for.

Nouns: Timeline (关注), Recommendation (推荐) with its reasons, Search (搜索), Preference (whether anything personal
decides), LearntModel (推荐模型).
Invariants: nothing is shown that its reader may not see at this moment; who chooses so, or is not signed in, is shown
what everybody is; a reason that names somebody names whom the reader may know of. What somebody keeps private teaches
nothing about others.
Never: decides what may be seen (that is sight), or writes content.
"""
