"""RSA with SHA-256 over PKCS #1 v1.5: how Alipay (RSA2) and WeChat Pay (WECHATPAY2-SHA256-RSA2048) sign."""

from __future__ import annotations

import base64
import binascii

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_LEAST_BITS = 2048


def private_key(text: str) -> rsa.RSAPrivateKey:
    """Read a key as PEM, or as the bare base64 that Alipay's tool gives out. Raises `ValueError`."""
    try:
        if "-----BEGIN" in text:
            key = serialization.load_pem_private_key(text.encode(), password=None)
        else:
            key = serialization.load_der_private_key(base64.b64decode(text), password=None)
    except (ValueError, TypeError):
        raise ValueError("not a private key without a password") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < _LEAST_BITS:
        raise ValueError("not an RSA key of 2048 bits or more")
    return key


def public_key(text: str) -> rsa.RSAPublicKey:
    """Read a key as PEM, as bare base64, or out of a certificate. Raises `ValueError`."""
    key: object
    try:
        if "-----BEGIN CERTIFICATE" in text:
            key = x509.load_pem_x509_certificate(text.encode()).public_key()
        elif "-----BEGIN" in text:
            key = serialization.load_pem_public_key(text.encode())
        else:
            key = serialization.load_der_public_key(base64.b64decode(text))
    except ValueError:
        raise ValueError("not a public key or certificate") from None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < _LEAST_BITS:
        raise ValueError("not an RSA key of 2048 bits or more")
    return key


def sign(key: rsa.RSAPrivateKey, message: bytes) -> str:
    """The signature of a message, in base64."""
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(key: rsa.RSAPublicKey, message: bytes, signature: str) -> bool:
    """Whether the owner of the key signed exactly this message."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
