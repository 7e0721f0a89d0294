"""The HTTP interface for programs: typed resources under `/api/v1`, described by OpenAPI.

Nouns as addresses, amounts as `{amount_minor, currency}`, refusals as problem documents (RFC 9457), one answer for one
`Idempotency-Key`. An endpoint parses, makes one call and renders; nothing here decides about the business.
"""
