"""Stripe's API: pages of Checkout, refunds that may fail, idempotency keys that remember, signed events.

It holds to what is written at docs.stripe.com and refuses everything else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tests.doubles.server import Asked, Double, PayerRefused, Said, fee_of

SECRET, WEBHOOK_SECRET = "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc", "whsec_" + "k7vYt2mB9xQe"
SESSION_FIELDS = re.compile(
    r"mode|client_reference_id|success_url|cancel_url|expires_at|payment_method_types\[0\]|metadata\[\w+\]"
    r"|line_items\[0\]\[quantity\]|line_items\[0\]\[price_data\]\[(currency|unit_amount|product_data\]\[name)\]"
    r"|payment_intent_data\[metadata\]\[\w+\]"
)
REFUND_FIELDS = re.compile(r"payment_intent|amount|metadata\[\w+\]")


class RefusedError(Exception):
    """An answer that is no: status, type, code."""


class StripeDouble(Double):
    name = "stripe"
    has_age = True

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[str, dict[str, Any]] = {}
        self.payments: dict[str, dict[str, Any]] = {}
        self.refunds: list[dict[str, Any]] = []
        self.disputes: list[dict[str, Any]] = []
        self.keys: dict[str, tuple[str, Said]] = {}
        self._told: list[dict[str, Any]] = []

    def account(self, folder: Path) -> str:
        (folder / "stripe.key").write_text(SECRET)
        (folder / "stripe_webhook.key").write_text(WEBHOOK_SECRET + "\n")
        return f'[stripe]\nsecret_key = "stripe.key"\nwebhook_secret = "stripe_webhook.key"\ngateway = "{self.url}"\n'

    # ------------------------------------------------------------------------------------------- the payer's side

    def arrive(self, target: str) -> None:
        with self.lock:
            self._open_session(target.rpartition("/")[2])

    def pay(self, target: str) -> None:
        with self.lock:
            self._pay(target.rpartition("/")[2])

    def _pay(self, session_id: str) -> dict[str, Any]:
        session = self._open_session(session_id)
        payment = {
            "id": f"pi_{secrets.token_hex(8)}",
            "object": "payment_intent",
            "metadata": session.pop("_payment_metadata"),
            "latest_charge": {"id": f"ch_{secrets.token_hex(8)}", "object": "charge", "created": self._stamp()},
        }
        self.payments[payment["id"]] = payment | {"_amount": session["amount_total"]}
        session |= {"status": "complete", "payment_status": "paid", "payment_intent": payment["id"], "url": None}
        self._tell("checkout.session.completed", session)
        return session

    # ------------------------------------------------------------------------------------------ the payer's bank

    def dispute(self, payment_id: str, amount: int | None = None, *, is_inquiry: bool = False) -> dict[str, Any]:
        """The payer's bank asks a payment back, or a part of it; as an inquiry first, no money moves."""
        with self.lock:
            payment = self.payments[payment_id]
            dispute = {
                "id": f"dp_{secrets.token_hex(8)}",
                "object": "dispute",
                "amount": amount or payment["_amount"],
                "balance_transactions": [],
                "charge": payment["latest_charge"]["id"],
                "created": self._stamp(),
                "currency": "cny",
                "evidence_details": {"due_by": self._stamp() + 7 * 86_400, "has_evidence": False, "past_due": False},
                "is_charge_refundable": is_inquiry,
                "metadata": {},
                "payment_intent": payment_id,
                "reason": "fraudulent",
                "status": "warning_needs_response" if is_inquiry else "needs_response",
            }
            self.disputes.append(dispute)
            self._tell("charge.dispute.created", dispute)
            if not is_inquiry:
                self.withdraw(dispute)
            return dispute

    def withdraw(self, dispute: dict[str, Any]) -> None:
        """The money leaves our balance."""
        dispute["status"] = "needs_response"
        dispute["balance_transactions"] = [*dispute["balance_transactions"], self._movement(-dispute["amount"], 1_500)]
        self._tell("charge.dispute.funds_withdrawn", dispute)

    def decide(self, dispute: dict[str, Any], status: str) -> None:
        """The bank decides: `won`, `lost`, or `warning_closed`."""
        with self.lock:
            dispute["status"] = status
            if status == "won":
                back = self._movement(dispute["amount"], 0)
                dispute["balance_transactions"] = [*dispute["balance_transactions"], back]
                self._tell("charge.dispute.funds_reinstated", dispute)
            self._tell("charge.dispute.closed", dispute)

    def _movement(self, amount: int, fee: int) -> dict[str, Any]:
        return {
            "id": f"txn_{secrets.token_hex(8)}",
            "object": "balance_transaction",
            "amount": amount,
            "currency": "cny",
            "fee": fee,
            "net": amount - fee,
            "type": "adjustment",
        }

    def _open_session(self, session_id: str) -> dict[str, Any]:
        session = self.sessions[session_id]
        if session["status"] == "open" and self.now().timestamp() >= session["expires_at"]:
            self._expire(session)
        if session["status"] != "open":
            raise PayerRefused(session["status"])
        return session

    def _expire(self, session: dict[str, Any]) -> None:
        session |= {"status": "expired", "url": None}
        self._tell("checkout.session.expired", session)

    # --------------------------------------------------------------------------------------------------- notices

    def notices(self) -> list[tuple[bytes, dict[str, str]]]:
        with self.lock:
            return [self.sign(event) for event in self._told]

    def sign(self, event: dict[str, Any], secret: str = WEBHOOK_SECRET) -> tuple[bytes, dict[str, str]]:
        """An event's body and the headers under which it is believed."""
        body = json.dumps(event, indent=2).encode()
        timestamp = int((self.now() - self.aged).timestamp())
        signature = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        header = f"t={timestamp},v1={signature},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"
        return body, {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": header}

    def event(self, kind: str, told: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": f"evt_{secrets.token_hex(8)}",
            "object": "event",
            "api_version": "2025-09-30.clover",
            "created": self._stamp(),
            "data": {"object": json.loads(json.dumps(self._public(told)))},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }

    def _tell(self, kind: str, told: dict[str, Any]) -> None:
        self._told.append(self.event(kind, told))

    def wrong_sum(self, amount_minor: int) -> tuple[bytes, dict[str, str]]:
        event = json.loads(json.dumps(self._told[-1]))
        event["data"]["object"]["amount_total"] = amount_minor
        return self.sign(event)

    def forgeries(self) -> list[tuple[str, bytes, dict[str, str]]]:
        event = self._told[-1]
        body, headers = self.notices()[-1]
        header = headers["Stripe-Signature"]
        moment, _, rest = header.partition(",")
        return [
            ("another body", body.replace(b'"amount_total": 12900', b'"amount_total": 12901'), headers),
            ("signed by another", *self.sign(event, "whsec_another")),
            ("not signed", body, {"Content-Type": "application/json"}),
            ("another moment", body, headers | {"Stripe-Signature": f"t={int(moment[2:]) + 1},{rest}"}),
            ("two moments", body, headers | {"Stripe-Signature": f"{header},t={int(moment[2:]) + 1}"}),
            ("an old way of signing", body, headers | {"Stripe-Signature": header.replace("v1=", "v2=")}),
            ("an empty signature", body, headers | {"Stripe-Signature": f"{moment},v1="}),
        ]

    # --------------------------------------------------------------------------------------------------- the API

    def answer(self, asked: Asked) -> Said:
        if found := re.fullmatch("/c/pay/(cs_test_\\w+)", asked.path):
            return self._page(asked, found[1])
        self.asked.append(f"{asked.method} {asked.path}")
        key = asked.headers.get("Idempotency-Key", "")
        fingerprint = f"{asked.method} {asked.path}\n{asked.body.decode()}"
        try:
            if asked.headers.get("Authorization") != f"Bearer {SECRET}":
                raise RefusedError(401, "invalid_request_error", "api_key_invalid")
            if asked.headers.get("Stripe-Version") != "2025-09-30.clover":
                raise RefusedError(400, "invalid_request_error", "version")
            if key and key in self.keys:
                if self.keys[key][0] != fingerprint:
                    raise RefusedError(400, "idempotency_error", "")
                return self.keys[key][1]
            said = self._route(asked, key)
        except RefusedError as no:
            status, kind, code = no.args
            error = {"type": kind, "message": "No.", **({"code": code} if code else {})}
            return Said(status, json.dumps({"error": error}).encode(), {"Content-Type": "application/json"})
        if key:
            self.keys[key] = (fingerprint, said)
        return said

    def _page(self, asked: Asked, session_id: str) -> Said:
        if asked.method == "POST":
            return Said(303, b"", {"Location": self._pay(session_id)["success_url"]})
        total = self._open_session(session_id)["amount_total"]
        page = (
            f"<!doctype html><link rel=icon href=data:,><title>Checkout</title><h1>{total}</h1>"
            "<form method=post><button>Pay</button></form>"
        )
        return Said(200, page.encode(), {"Content-Type": "text/html"})

    def _route(self, asked: Asked, key: str) -> Said:
        given = dict(parse_qsl(asked.body.decode() if asked.method == "POST" else asked.query, keep_blank_values=True))
        route = f"{asked.method} {asked.path}"
        if route == "POST /v1/checkout/sessions":
            return self._said(self._open(given, key), is_deed=True)
        if found := re.fullmatch("POST /v1/checkout/sessions/(cs_test_\\w+)/expire", route):
            session = self._session(found[1])
            if session["status"] != "open":
                raise RefusedError(400, "invalid_request_error", "")
            self._expire(session)
            return self._said(session, is_deed=True)
        if found := re.fullmatch("GET /v1/checkout/sessions/(cs_test_\\w+)", route):
            if given != {"expand[0]": "payment_intent.latest_charge"}:
                raise RefusedError(400, "invalid_request_error", "parameter_unknown")
            session = self._session(found[1])
            return self._said(session | {"payment_intent": self.payments.get(session["payment_intent"])})
        if route == "POST /v1/refunds":
            return self._said(self._refund(given, key), is_deed=True)
        if route == "GET /v1/refunds":
            found_refunds = [each for each in self.refunds if each["payment_intent"] == given["payment_intent"]]
            newest_first = [self._public(each) for each in reversed(found_refunds)]
            return self._said({"object": "list", "has_more": False, "data": newest_first[: int(given["limit"])]})
        if route == "GET /v1/disputes":
            return self._said(self._list(self.disputes, given))
        if route == "GET /v1/balance_transactions":
            if given.pop("expand[0]", "") != "data.source":
                raise RefusedError(400, "invalid_request_error", "parameter_missing")
            return self._said(self._list(self._movements(), given))
        raise RefusedError(404, "invalid_request_error", "")

    def _movements(self) -> list[dict[str, Any]]:
        """Everything that moved on our balance, oldest first."""
        if self.bill_trouble == "not_ready":
            raise RefusedError(429, "rate_limit", "lock_timeout")
        found = []
        for ref, payment in self.payments.items():
            charge = payment["latest_charge"] | {"amount": payment["_amount"], "currency": "cny"}
            source = charge | {"metadata": payment["metadata"]}
            found.append(self._moved("charge", ref, payment["_amount"], fee_of(payment["_amount"]), source))
        sent = [refund for refund in self.refunds if refund["status"] == "succeeded"]
        found.extend(self._moved("refund", refund["id"], -refund["amount"], 0, refund) for refund in sent)
        for dispute in self.disputes:
            for each in dispute["balance_transactions"]:
                category = "dispute" if each["amount"] < 0 else "dispute_reversal"
                found.append(each | {"reporting_category": category, "created": dispute["created"], "source": dispute})
        first = min((each["created"] for each in found), default=self._stamp())
        other = {"id": "po_1", "object": "payout", "amount": 500, "currency": "cny", "created": first}
        found.append(self._moved("payout", "po_1", -500, 0, other))
        if self.bill_trouble == "unknown":
            found.append(self._moved("advance", "adv_1", 100, 0, other))
        if self.bill_trouble == "stranger":
            source = other | {"metadata": {"intent_no": "26113099999999"}, "amount": 100}
            found.append(self._moved("charge", "pi_stranger", 100, 1, source))
        if self.bill_trouble == "missing":
            found.pop(-2)
        if self.bill_trouble == "amount":
            found[0]["source"] = found[0]["source"] | {"amount": found[0]["amount"] + 1}
        if self.bill_trouble == "truncated":
            del found[0]["fee"]
        return found

    def _moved(self, kind: str, ref: str, minor: int, fee: int, source: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": f"txn_{ref}",
            "object": "balance_transaction",
            "amount": minor,
            "created": source["created"],
            "currency": "cny",
            "fee": fee,
            "net": minor - fee,
            "reporting_category": kind,
            "source": source,
            "type": kind,
        }

    def _list(self, entries: list[dict[str, Any]], given: dict[str, str]) -> dict[str, Any]:
        """A page of a list, newest first, in pages of two, so that there are always several."""
        if set(given) - {"created[gte]", "created[lt]", "limit", "starting_after"}:
            raise RefusedError(400, "invalid_request_error", "parameter_unknown")
        since, before = int(given.get("created[gte]", 0)), int(given.get("created[lt]", 1 << 40))
        found = [each for each in reversed(entries) if since <= each["created"] < before]
        if after := given.get("starting_after"):
            found = found[[each["id"] for each in found].index(after) + 1 :]
        return {"object": "list", "has_more": len(found) > 2, "data": [self._public(each) for each in found[:2]]}

    def _said(self, told: dict[str, Any], *, is_deed: bool = False) -> Said:
        body = json.dumps(self._public(told)).encode()
        return Said(200, body, {"Content-Type": "application/json"}, is_deed)

    def _public(self, told: dict[str, Any]) -> dict[str, Any]:
        return {
            key: self._public(value) if isinstance(value, dict) else value
            for key, value in told.items()
            if not key.startswith("_")
        }

    def _open(self, given: dict[str, str], key: str) -> dict[str, Any]:
        if not all(SESSION_FIELDS.fullmatch(name) for name in given) or given["mode"] != "payment":
            raise RefusedError(400, "invalid_request_error", "parameter_unknown")
        expires_at = int(given["expires_at"])
        least, most = self.now() + timedelta(minutes=30), self.now() + timedelta(hours=24)
        if not least.timestamp() <= expires_at <= most.timestamp() or not key:
            raise RefusedError(400, "invalid_request_error", "parameter_invalid")
        session_id = f"cs_test_{secrets.token_hex(20)}"
        self.sessions[session_id] = session = {
            "id": session_id,
            "object": "checkout.session",
            "amount_total": int(given["line_items[0][price_data][unit_amount]"]),
            "currency": given["line_items[0][price_data][currency]"],
            "client_reference_id": given["client_reference_id"],
            "created": self._stamp(),
            "expires_at": expires_at,
            "metadata": _metadata(given, "metadata"),
            "mode": "payment",
            "payment_intent": None,
            "payment_status": "unpaid",
            "status": "open",
            "success_url": given["success_url"],
            "url": f"{self.url}/c/pay/{session_id}",
            "_payment_metadata": _metadata(given, "payment_intent_data[metadata]"),
        }
        return session

    def _session(self, session_id: str) -> dict[str, Any]:
        if session_id not in self.sessions:
            raise RefusedError(404, "invalid_request_error", "resource_missing")
        return self.sessions[session_id]

    def _refund(self, given: dict[str, str], key: str) -> dict[str, Any]:
        if not all(REFUND_FIELDS.fullmatch(name) for name in given) or not key:
            raise RefusedError(400, "invalid_request_error", "parameter_unknown")
        payment = self.payments.get(given["payment_intent"])
        if payment is None:
            raise RefusedError(404, "invalid_request_error", "resource_missing")
        amount, gone = int(given["amount"]), self._returned(payment["id"])
        if amount <= 0 or gone + amount > payment["_amount"]:
            raise RefusedError(400, "invalid_request_error", "charge_already_refunded")
        has_failed = self.failing_refunds > 0
        self.failing_refunds -= has_failed
        refund = {
            "id": f"re_{secrets.token_hex(8)}",
            "object": "refund",
            "amount": amount,
            "created": self._stamp() + len(self.refunds),
            "currency": "cny",
            "failure_reason": "declined" if has_failed else None,
            "metadata": _metadata(given, "metadata"),
            "payment_intent": payment["id"],
            "status": "failed" if has_failed else "succeeded",
        }
        self.refunds.append(refund)
        self._tell("refund.failed" if has_failed else "refund.created", refund)
        return refund

    def _returned(self, payment_id: str) -> int:
        mine = [each for each in self.refunds if each["payment_intent"] == payment_id and each["status"] != "failed"]
        return sum(each["amount"] for each in mine)

    def held_minor(self) -> int:
        moved = sum(move["amount"] for dispute in self.disputes for move in dispute["balance_transactions"])
        return moved + sum(payment["_amount"] - self._returned(payment["id"]) for payment in self.payments.values())

    def _stamp(self) -> int:
        return int(self.now().timestamp())


def _metadata(given: dict[str, str], name: str) -> dict[str, str]:
    return {key[len(name) + 1 : -1]: value for key, value in given.items() if key.startswith(f"{name}[")}
