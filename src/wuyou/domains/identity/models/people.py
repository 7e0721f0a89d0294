"""Rows of people."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class UserManager(BaseUserManager["User"]):
    """Finds people by handle for sign-in."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(handle=username)


class User(AbstractBaseUser):
    """A person's account to sign in with."""

    handle = models.CharField(max_length=30, unique=True)
    display_name = models.CharField(max_length=40)
    avatar = models.CharField(max_length=40, default="face")
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    """The person is gone; the row stays without a name, because orders and the books point at it."""

    USERNAME_FIELD = "handle"
    objects = UserManager()

    class Meta:
        db_table = "identity_user"
