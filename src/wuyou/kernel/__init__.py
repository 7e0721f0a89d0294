"""Plain Python that everything else stands on: money, clock, errors, actor, paging, tokens."""
