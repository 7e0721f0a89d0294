"""The installation's accounts with payment providers: one TOML file that names files of keys.

    [alipay]
    app_id = "2021000000000000"
    seller_id = "2088000000000000"
    private_key = "alipay_app_private_key.pem"
    alipay_public_key = "alipay_public_key.pem"

Paths are seen from the file. A name that is not known, or a key that cannot be read, stops the start.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, ValidationInfo

from wuyou.domains.payments.providers import signing


def _content(name: object, info: ValidationInfo) -> str:
    """What a file of a key holds."""
    if not isinstance(name, str):
        raise ValueError("is the path of a file")
    folder: Path = info.context or Path()
    try:
        return (folder / name).read_text().strip()
    except (OSError, UnicodeDecodeError) as failed:
        raise ValueError(f"cannot be read: {type(failed).__name__}") from None


def _private_key(name: object, info: ValidationInfo) -> rsa.RSAPrivateKey:
    return signing.private_key(_content(name, info))


def _public_key(name: object, info: ValidationInfo) -> rsa.RSAPublicKey:
    return signing.public_key(_content(name, info))


Secret = Annotated[str, BeforeValidator(_content)]
PrivateKey = Annotated[rsa.RSAPrivateKey, BeforeValidator(_private_key)]
PublicKey = Annotated[rsa.RSAPublicKey, BeforeValidator(_public_key)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class _Account(BaseModel):
    # Nothing of an account is ever part of a message: errors say where something is wrong, and not what is there.
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)


class AlipayAccount(_Account):
    """An application at Alipay's open platform, with keys of RSA2."""

    app_id: Word
    seller_id: Word
    """The merchant's number (PID): notices for others are refused."""
    private_key: PrivateKey = Field(repr=False)
    """The application's own."""
    alipay_public_key: PublicKey
    gateway: Url = "https://openapi.alipay.com/gateway.do"


class WechatPayAccount(_Account):
    """A merchant of WeChat Pay, API v3, directly connected."""

    app_id: Word
    merchant_id: Word
    certificate_serial: Word
    """Of the merchant's API certificate."""
    private_key: PrivateKey = Field(repr=False)
    """The merchant's own (`apiclient_key.pem`)."""
    api_v3_key: Annotated[Secret, StringConstraints(pattern=r"^[!-~]{32}$")] = Field(repr=False)
    public_keys: dict[Word, PublicKey] = Field(min_length=1)
    """Whose signatures are believed: the id of WeChat Pay's public key, or the serial number of a platform
    certificate, and its file. While one is being changed there are two."""
    app_secret: Annotated[Secret, StringConstraints(pattern=r"^[!-~]{16,64}$")] | None = Field(None, repr=False)
    """Of the official account `app_id`; with it, who is inside WeChat pays there."""
    gateway: Url = "https://api.mch.weixin.qq.com"
    payer_page: Url = "https://open.weixin.qq.com/connect/oauth2/authorize"
    payer_gateway: Url = "https://api.weixin.qq.com"


class StripeAccount(_Account):
    """An account with Stripe, and the secret of its webhook endpoint."""

    secret_key: Annotated[Secret, StringConstraints(pattern=r"^[!-~]+$")] = Field(repr=False)
    webhook_secret: Annotated[Secret, StringConstraints(pattern=r"^[!-~]+$")] = Field(repr=False)
    gateway: Url = "https://api.stripe.com"


class Accounts(_Account):
    """All of the file."""

    alipay: AlipayAccount | None = None
    wechat_pay: WechatPayAccount | None = None
    stripe: StripeAccount | None = None


def read(path: Path) -> Accounts:
    """The accounts of a file. Raises `SystemExit` with one line that says what is wrong with it, and no secret."""
    try:
        written = tomllib.loads(path.read_text())
        return Accounts.model_validate(written, context=path.parent)
    except ValidationError as failed:
        first = failed.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SystemExit(f"{path}: {place}: {first['msg']}") from None
    except (OSError, ValueError) as failed:
        raise SystemExit(f"{path}: {type(failed).__name__}: {failed}") from None
