"""Who pays inside WeChat: its own browser names the payer to the official account, and opens the payment itself.

WeChat's page sends the payer back with a code, which is good once and for five minutes. It is exchanged for the
`openid`, the payer's name at this one account; that goes into the order there, and nowhere else.

Source: developers.weixin.qq.com (web page authorisation, `snsapi_base`); pay.weixin.qq.com (JSAPI: calling it up).
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from urllib.parse import urlencode

import structlog

from wuyou.domains.payments import errors
from wuyou.domains.payments.providers import signing, wire
from wuyou.domains.payments.providers.accounts import WechatPayAccount

log = structlog.get_logger(__name__)

_NAME = "wechat_pay"
_BUSY = frozenset({"-1", "45011"})


class Naming:
    """The official account's naming of payers. Args: `secret` is the account's own."""

    def __init__(self, account: WechatPayAccount, secret: str) -> None:
        self._account = account
        self._secret = secret

    def page(self, *, return_url: str, state: str) -> str:
        """WeChat's page that sends the payer back with a code. It matches addresses to the letter: the order counts."""
        asked = {
            "appid": self._account.app_id,
            "redirect_uri": return_url,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
        }
        return f"{self._account.payer_page}?{urlencode(asked)}#wechat_redirect"

    def ref(self, *, code: str) -> str:
        """The payer behind a code. Its answer is signed by nothing but TLS, and no money hangs on it.

        Raises: `ProviderRefused` (a code that is used, old or made up), `ProviderUnavailable`.
        """
        asked = {
            "appid": self._account.app_id,
            "secret": self._secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        url = f"{self._account.payer_gateway}/sns/oauth2/access_token?{urlencode(asked)}"
        answer = wire.ask(_NAME, "GET", url, headers={"Accept": "application/json", "User-Agent": "wuyou"})
        try:
            said = json.loads(answer.body)
        except ValueError:
            said = None
        if answer.status != 200 or not isinstance(said, dict):
            raise errors.ProviderUnavailable(provider=_NAME)
        openid = said.get("openid")
        if isinstance(openid, str) and 0 < len(openid) <= 128:
            return openid
        reason = str(said.get("errcode", ""))[:100]
        log.warning("wechat_payer_unknown", reason=reason)
        if not reason or reason in _BUSY:
            raise errors.ProviderUnavailable(provider=_NAME)
        raise errors.ProviderRefused(reason="payer_unknown", provider=_NAME)


def call_of(account: WechatPayAccount, *, prepay_id: str, now: datetime) -> str:
    """What a page calls WeChat's browser with to have the payer pay, as JSON, signed by the merchant."""
    timestamp, nonce, package = str(int(now.timestamp())), secrets.token_hex(16), f"prepay_id={prepay_id}"
    message = f"{account.app_id}\n{timestamp}\n{nonce}\n{package}\n".encode()
    called = {
        "appId": account.app_id,
        "timeStamp": timestamp,
        "nonceStr": nonce,
        "package": package,
        "signType": "RSA",
        "paySign": signing.sign(account.private_key, message),
    }
    return json.dumps(called)
