"""奖项: what the operator honours in who writes and promotes here, month by month.

Nouns: Award, Round (one an award and month), Candidate (whom a round counted), Honour (a winner's).
Invariants: a round is held once; who wins follows from the candidates that it kept, and never changes; a figure counts
only what is final when it is counted; nobody sees an honour unless its winner shows it and may be met.
Never: tells a figure to anybody but its winner, moves money, lets staff choose a winner.
"""
