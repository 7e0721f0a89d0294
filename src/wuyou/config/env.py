"""The environment, read once. No other module looks at it."""

from __future__ import annotations

import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, ed25519


@dataclass(frozen=True, slots=True)
class Env:
    """What a start of the platform may be told from outside; each field is one variable."""

    database_url: str
    """`DATABASE_URL`: a PostgreSQL to use; empty means the embedded one."""
    home: Path
    """`WUYOU_HOME`: where an installation keeps its state (default `./var`)."""
    lake: Path
    """`WUYOU_LAKE`: the folder of the lake's files (default `lake` in the home)."""
    host: str
    """`WUYOU_HOST`: the address the web server listens on (default 127.0.0.1)."""
    port: int
    """`WUYOU_PORT`: the port the web server listens on (default 8000)."""
    stream_port: int
    """`WUYOU_STREAM_PORT`: the port that streams listen on (default: the one after `WUYOU_PORT`)."""
    stream_url: str
    """`WUYOU_STREAM_URL`: where pages find streams; empty means the stream port on the host of the page."""
    beacon_port: int
    """`WUYOU_BEACON_PORT`: the port that takes events of behaviour (default: the second after `WUYOU_PORT`)."""
    beacon_url: str
    """`WUYOU_BEACON_URL`: where pages hand in behaviour; empty means the beacon port on the host of the page."""
    beacon_batches: int
    """`WUYOU_BEACON_BATCHES`: so many batches of events a minute are taken from one address (default 3000)."""
    base_url: str
    """`WUYOU_BASE_URL`: how people and payment providers reach this installation."""
    allowed_hosts: tuple[str, ...]
    """`WUYOU_ALLOWED_HOSTS`: host names to answer to, separated by commas."""
    debug: bool
    """`WUYOU_DEBUG`: error pages with details and the gallery of components (default off)."""
    log_level: str
    """`WUYOU_LOG_LEVEL`: least level that is logged (default INFO)."""
    picture_megabytes: int
    """`WUYOU_PICTURE_MEGABYTES`: the largest file of a picture that is taken (default 20, at most 200)."""
    picture_megapixels: int
    """`WUYOU_PICTURE_MEGAPIXELS`: the largest picture that is decoded (default 60, at most 89)."""
    film_megabytes: int
    """`WUYOU_FILM_MEGABYTES`: the largest file of a film that is taken (default 100, at most 1000)."""
    film_seconds: int
    """`WUYOU_FILM_SECONDS`: the longest film that is taken (default 180, at most 900)."""
    trusted_proxies: int
    """`WUYOU_TRUSTED_PROXIES`: how many proxies in a row stand before the web server (default 0)."""
    creator_reads: int
    """`WUYOU_CREATOR_READS`: who is read so often a month is a creator (default 100000)."""
    payout_day: int
    """`WUYOU_PAYOUT_DAY`: on this day of a month the month before is paid out (default 20, at most 28)."""
    payout_minimum_minor: int
    """`WUYOU_PAYOUT_MINIMUM`: less than this is not paid out yet, in the smallest unit (default 1000)."""
    smtp_url: str
    """`WUYOU_SMTP_URL`: the mail server, `smtps://user:password@host:465` or `smtp://…:587?tls=required`."""
    mail_from: str
    """`WUYOU_MAIL_FROM`: the address that mail comes from (default `no-reply@` the host of the base URL)."""
    payment_accounts: Path | None
    """`WUYOU_PAYMENT_ACCOUNTS`: the file of accounts at payment providers (default in the home, if it is there)."""
    console_codes: bool
    """`WUYOU_CONSOLE_CODES`: write codes into the log instead of sending them (default on without TLS, off with)."""

    @property
    def real_name_salt(self) -> str:
        """`WUYOU_REAL_NAME_SALT`, else a salt generated once and kept under the home with mode 600."""
        return os.environ.get("WUYOU_REAL_NAME_SALT") or _kept_secret(self.home / "real_name_salt")

    erasure_grace_days: int
    """`WUYOU_ERASURE_GRACE_DAYS`: so long after asking to be erased somebody may come back (default 14)."""

    @property
    def secret_key(self) -> str:
        """`WUYOU_SECRET_KEY`, else a key generated once and kept under the home with mode 600."""
        return os.environ.get("WUYOU_SECRET_KEY") or _kept_secret(self.home / "secret_key")

    @property
    def push_key(self) -> str:
        """`WUYOU_PUSH_KEY`, else a key to sign pushes with, made once and kept under the home with mode 600."""
        return os.environ.get("WUYOU_PUSH_KEY") or _kept_secret(self.home / "push_key", _new_push_key)

    @property
    def statement_key(self) -> str:
        """`WUYOU_STATEMENT_KEY`, else a key that signs statements, made once and kept under the home with mode 600."""
        return os.environ.get("WUYOU_STATEMENT_KEY") or _kept_secret(self.statement_key_file, _new_statement_key)

    @property
    def statement_key_file(self) -> Path:
        """Where the key lies that statements are signed with."""
        return self.home / "statement_key"

    def renew_statement_key(self) -> None:
        """Sign with a new key from now on. What the old one signed is verified with its public half, which is kept.

        Raises: `SystemExit` when `WUYOU_STATEMENT_KEY` says the key.
        """
        if os.environ.get("WUYOU_STATEMENT_KEY"):
            raise SystemExit("WUYOU_STATEMENT_KEY says the key: put another one there")
        fresh = self.statement_key_file.with_suffix(f".{os.getpid()}")
        _kept_secret(fresh, _new_statement_key)
        fresh.replace(self.statement_key_file)

    @property
    def socket_database_url(self) -> str:
        """The database to use: the given one, else the embedded server's, as its start wrote it down."""
        if self.database_url:
            return self.database_url
        written = self.home / "postgres" / "url"
        return written.read_text().strip() if written.exists() else ""


def _new_push_key() -> str:
    """A private key on P-256, its 32 bytes as base64url: what web push calls a VAPID key."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")


def _new_statement_key() -> str:
    """A private key on Ed25519, its 32 bytes as base64url."""
    return urlsafe_b64encode(ed25519.Ed25519PrivateKey.generate().private_bytes_raw()).decode().rstrip("=")


def _new_secret() -> str:
    return secrets.token_urlsafe(48)


def _kept_secret(path: Path, make: Callable[[], str] = _new_secret) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    key = make()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process of the same start was first
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key


def _is_on(name: str, default: bool = False) -> bool:
    said = os.environ.get(name, "").lower()
    return said in {"1", "true", "yes", "on"} if said else default


def _number(name: str, usual: int, most: int, least: int = 1) -> int:
    text = os.environ.get(name, str(usual))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise SystemExit(f"{name} must be a whole number from {least} to {most}, not {text!r}")
    return int(text)


def _payment_accounts(home: Path) -> Path | None:
    named = os.environ.get("WUYOU_PAYMENT_ACCOUNTS")
    if named:
        return Path(named).resolve()
    usual = home / "payment_accounts.toml"
    return usual if usual.exists() else None


def _port(name: str, usual: int) -> int:
    text = os.environ.get(name, str(usual))
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SystemExit(f"{name} must be a port number, not {text!r}")
    return int(text)


@cache
def get_env() -> Env:
    """The environment of this process.

    Raises: `SystemExit` with one line when a variable cannot be understood.
    """
    port = _port("WUYOU_PORT", 8000)
    stream_port = _port("WUYOU_STREAM_PORT", port % 65535 + 1)
    beacon_port = _port("WUYOU_BEACON_PORT", (port + 1) % 65535 + 1)
    if len({port, stream_port, beacon_port}) < 3:
        raise SystemExit("WUYOU_PORT, WUYOU_STREAM_PORT and WUYOU_BEACON_PORT must be three different ports")
    smtp_url = os.environ.get("WUYOU_SMTP_URL", "")
    if smtp_url and not smtp_url.startswith(("smtp://", "smtps://")):
        raise SystemExit("WUYOU_SMTP_URL must begin with smtp:// or smtps://")
    host = os.environ.get("WUYOU_HOST", "127.0.0.1")
    base_url = os.environ.get("WUYOU_BASE_URL", f"http://127.0.0.1:{port}").rstrip("/")
    home = Path(os.environ.get("WUYOU_HOME", "var")).resolve()
    return Env(
        database_url=os.environ.get("DATABASE_URL", ""),
        home=home,
        lake=Path(os.environ.get("WUYOU_LAKE") or home / "lake").resolve(),
        host=host,
        port=port,
        stream_port=stream_port,
        stream_url=os.environ.get("WUYOU_STREAM_URL", "").rstrip("/"),
        beacon_port=beacon_port,
        beacon_url=os.environ.get("WUYOU_BEACON_URL", "").rstrip("/"),
        beacon_batches=_number("WUYOU_BEACON_BATCHES", 3_000, 100_000_000),
        base_url=base_url,
        allowed_hosts=tuple(
            name for name in os.environ.get("WUYOU_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if name
        ),
        debug=_is_on("WUYOU_DEBUG"),
        log_level=os.environ.get("WUYOU_LOG_LEVEL", "INFO").upper(),
        picture_megabytes=_number("WUYOU_PICTURE_MEGABYTES", 20, 200),
        picture_megapixels=_number("WUYOU_PICTURE_MEGAPIXELS", 60, 89),
        film_megabytes=_number("WUYOU_FILM_MEGABYTES", 100, 1_000),
        film_seconds=_number("WUYOU_FILM_SECONDS", 180, 900),
        erasure_grace_days=_number("WUYOU_ERASURE_GRACE_DAYS", 14, 90),
        trusted_proxies=_number("WUYOU_TRUSTED_PROXIES", 0, 10, least=0),
        creator_reads=_number("WUYOU_CREATOR_READS", 100_000, 1_000_000_000),
        payout_day=_number("WUYOU_PAYOUT_DAY", 20, 28),
        payout_minimum_minor=_number("WUYOU_PAYOUT_MINIMUM", 1_000, 1_000_000_000),
        smtp_url=smtp_url,
        mail_from=os.environ.get("WUYOU_MAIL_FROM", f"Wuyou <no-reply@{urlsplit(base_url).hostname or 'localhost'}>"),
        payment_accounts=_payment_accounts(home),
        console_codes=_is_on("WUYOU_CONSOLE_CODES", not base_url.startswith("https://")),
    )
