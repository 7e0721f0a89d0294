"""Statements that prove themselves 对账单: from a file and a public key alone, without a database and without Django.

A statement is a *head*, *lines*, a hash and a signature. Each line has the inputs and the name of the formula that give
its amount (`formulas`), the balance after it, and a hash over itself and the hash before (`chain`). It is written and
read as JSON and as CSV (`files`); `checking.check` finds what does not follow. Docs: docs/reference/statements.md.
"""
