"""Accounts on our pages: django-allauth's flows with our people, forms, texts and senders.

allauth decides what step follows; everything that it asks of an installation is answered here.
"""
