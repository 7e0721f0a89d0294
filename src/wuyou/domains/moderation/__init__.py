"""审核: what may be published, what members report, what was decided and why.

Nouns: TermRule (词语规则), PictureRule (图片规则), Hit (命中), Case (审核案), Report (举报), Decision (处理决定),
Strike (违规记录), Appeal (申诉).
Invariants: a subject has one open case; a case is decided once, and once more by an appeal; who decided an appeal did
not decide what it is against; whether a subject is withheld follows from its latest case alone; nobody learns who
reported what.
Never: knows the tables of what is judged; the domains above say through `MODERATION_SUBJECTS` in `config/wiring.py`
what a subject says and to whom it is shown, and act on what was decided.
"""
