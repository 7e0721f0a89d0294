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

    USERNAME_FIELD = "handle"
    objects = UserManager()

    class Meta:
        db_table = "identity_user"


class AccessToken(models.Model):
    """A secret that lets a program act for a person; only its SHA-256 is kept."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_access_token"


class SignInTry(models.Model):
    """How often somebody has lately tried to sign in as someone from one address, and not succeeded."""

    key = models.CharField(max_length=64, primary_key=True)
    """SHA-256 of name and address: neither is kept in the clear."""
    count = models.PositiveSmallIntegerField()
    first_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "identity_sign_in_try"
