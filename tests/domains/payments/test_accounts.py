"""The file of accounts: what is wrong with it stops the start, in one line that gives no secret away."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.doubles.alipay import AlipayDouble
from tests.doubles.server import Double, key_of, write_private
from tests.doubles.stripe import StripeDouble
from tests.doubles.wechat_pay import WechatPayDouble
from wuyou.domains.payments.providers import accounts


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that is right."""
    double = AlipayDouble()
    double.url = "http://127.0.0.1:9"
    written = tmp_path / "payment_accounts.toml"
    written.write_text(double.account(tmp_path))
    return written


def test_it_is_read(file: Path) -> None:
    found = accounts.read(file)
    assert found.alipay is not None
    assert (found.alipay.app_id, found.alipay.seller_id) == ("2021000000000001", "2088000000000001")
    assert "private_key" not in repr(found.alipay)


def test_bare_keys_as_alipays_tool_gives_them_are_read_too(file: Path, tmp_path: Path) -> None:
    for name in ("alipay_app.pem", "alipay.pem"):
        lines = (tmp_path / name).read_text().splitlines()
        (tmp_path / name).write_text("".join(line for line in lines if "-----" not in line))
    bare = accounts.read(file).alipay
    assert bare is not None
    assert bare.private_key.private_numbers() == key_of("alipay/app").private_numbers()
    assert bare.alipay_public_key.public_numbers() == key_of("alipay").public_key().public_numbers()


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('app_id = "2021000000000001"', "", "alipay.app_id"),
        ('app_id = "2021000000000001"', 'app_id = "a b"', "alipay.app_id"),
        ('"alipay_app.pem"', '"nothing.pem"', "alipay.private_key"),
        ('"alipay_app.pem"', '"alipay.pem"', "alipay.private_key"),
        ('"alipay_app.pem"', "7", "alipay.private_key"),
        ("[alipay]", '[alipay]\nsecret = "hunter2"', "alipay.secret"),
        ("[alipay]", '[moneybags]\nsecret = "hunter2"\n[alipay]', "moneybags"),
        ("gateway.do", "gateway do?", "alipay.gateway"),
        ("[alipay]", "[alipay", "TOMLDecodeError"),
    ],
)
def test_what_is_wrong_is_said_in_a_line_without_secrets(file: Path, old: str, new: str, place: str) -> None:
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(SystemExit) as stopped:
        accounts.read(file)
    said = str(stopped.value)
    assert said.startswith(f"{file}: {place}")
    assert "\n" not in said
    assert "hunter2" not in said
    assert "BEGIN" not in said


@pytest.mark.parametrize(
    ("kind", "file_of_key", "content", "place"),
    [
        (WechatPayDouble, "wechat_api_v3.key", "too short", "wechat_pay.api_v3_key"),
        (WechatPayDouble, "wechat_pay.pem", "bm90IGEga2V5", "wechat_pay.public_keys"),
        (StripeDouble, "stripe.key", "", "stripe.secret_key"),
        (StripeDouble, "stripe_webhook.key", "two words", "stripe.webhook_secret"),
    ],
)
def test_secrets_of_the_others_are_looked_at_too(
    tmp_path: Path, kind: type[Double], file_of_key: str, content: str, place: str
) -> None:
    double = kind()
    double.url = "http://127.0.0.1:9"
    file = tmp_path / "payment_accounts.toml"
    file.write_text(double.account(tmp_path))
    assert accounts.read(file)
    (tmp_path / file_of_key).write_text(content)
    with pytest.raises(SystemExit) as stopped:
        accounts.read(file)
    said = str(stopped.value)
    assert said.startswith(f"{file}: {place}")
    assert not content or content not in said


def test_a_weak_key_is_no_key(file: Path, tmp_path: Path) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  (what it is about)
    write_private(tmp_path / "alipay_app.pem", weak)
    with pytest.raises(SystemExit, match="private_key"):
        accounts.read(file)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="FileNotFoundError"):
        accounts.read(tmp_path / "nothing.toml")
