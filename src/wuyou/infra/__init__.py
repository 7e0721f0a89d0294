"""Plumbing: database words, event log, jobs, idempotency, logs, metrics, embedded PostgreSQL."""
