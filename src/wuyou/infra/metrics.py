"""Counters that `/metrics` shows. Names follow Prometheus' conventions: unit last, `_total` for counters."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("wuyou_http_requests_total", "Answered requests", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "wuyou_http_request_seconds", "Time to answer a request", ["route"], buckets=(0.005, 0.02, 0.05, 0.1, 0.3, 1, 3)
)
EVENTS_HANDLED = Counter("wuyou_events_handled_total", "Events handled", ["subscriber"])
EVENTS_DEAD = Counter("wuyou_events_dead_total", "Events given up", ["subscriber"])
REPLAYED_REQUESTS = Counter("wuyou_idempotent_replays_total", "Requests answered from a kept answer")
STREAMS_OPEN = Gauge("wuyou_streams_open", "Open streams of this process")
STREAM_EVENTS = Counter("wuyou_stream_events_total", "Changes handed to streams")
STREAM_READ_SECONDS = Histogram(
    "wuyou_stream_read_seconds",
    "One read for everybody who was woken",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.2, 1),
)
BEHAVIOUR_EVENTS = Counter("wuyou_behaviour_events_total", "Events of behaviour that were committed")
BEHAVIOUR_REFUSED = Counter("wuyou_behaviour_refused_total", "Batches refused by code, and events that were", ["code"])
BEHAVIOUR_GROUP = Histogram(
    "wuyou_behaviour_group_batches", "Batches that one commit answered", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256)
)
