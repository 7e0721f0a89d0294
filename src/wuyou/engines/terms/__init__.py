"""敏感词: finds terms in what people write, however they are written, and where in the original they stand.

    matcher = Matcher([Term(1, "加微信"), Term(2, "casino", exceptions=("casino royale",))])
    matcher.find("請 加 ＷＥＩ信, 加·微·信")

Text and terms are folded alike (`fold`): compatibility forms, traditional characters, letters that look like others,
accents, invisible characters, case and what stands between characters make no difference. One automaton (Aho and
Corasick, 1975) finds all terms in one pass over the folded text; what it finds counts if it is a word of its own where
its script has words with borders, and if no exception of the same term covers it.
"""

from wuyou.engines.terms.folding import Folded, Gap, fold
from wuyou.engines.terms.matching import Matcher
from wuyou.engines.terms.types import Match, Term

__all__ = ["Folded", "Gap", "Match", "Matcher", "Term", "fold"]
