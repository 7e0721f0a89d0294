"""账号: people and how the platform recognises them.

Nouns: User (a person's account to sign in with), AccessToken (a secret that lets a program act for a person).
Invariants: a handle belongs to one person; a token is kept only as its digest.
Never: knows what people buy, own or earn.
"""
