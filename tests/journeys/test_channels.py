"""An editor defines a channel, a post appears in it, and a reader of another site opens the post."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.builders import channels, content
from tests.builders.people import make_person
from tests.journeys.conftest import PATIENCE_MS, Visit
from tests.journeys.test_buying_together import nothing_sticks_out
from wuyou.domains.channels import queries
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.journey

expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def another_site(body: str) -> Iterator[str]:
    """A page on an origin of its own, which sends whatever its scripts are sent back as its title."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1>{body}".encode())

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_editor_defines_a_channel_and_a_reader_of_another_site_opens_its_post(visit: Visit) -> None:
    now = utc_now()
    staff, mei = make_person(now, "值班", has_password=True, is_staff=True), make_person(now, "Mei")
    post = content.make_post(now, mei, title="山口的风", topics=("露营",), photos=1)
    content.make_post(now, mei, title="一壶茶", topics=("茶",), photos=1)
    channels.settle(now)
    desk = visit(width=1280)
    desk.sign_in(staff)

    desk.page.goto("/staff/channels/new")
    desk.page.fill("input[name=name]", "户外")
    desk.page.fill("input[name=name_en]", "Outdoors")
    desk.page.fill("input[name=slug]", "huwai")
    desk.page.select_option("select[name=picture]", "tent")
    desk.page.fill("input[name=topics_any]", "#露营")
    desk.page.click("button[value=preview]")
    expect(desk.page.locator("#preview")).to_contain_text("1 fit and 1 do not")
    expect(desk.page.locator("#preview > .channel-verdict")).to_contain_text("山口的风")
    nothing_sticks_out(desk.page)
    desk.page.click("button[value=save]")
    expect(desk.page.locator("h1")).to_have_text("Outdoors")
    desk.page.click("button[name=open]")
    expect(desk.page.locator("button[name=open]")).to_have_text("Close it")
    (channel,) = queries.list_open()

    phone = visit(width=360)
    phone.page.goto("/")
    phone.page.click(".channel-strip__tab:has-text('Outdoors')")
    expect(phone.page.locator(".post-card")).to_have_count(1)
    expect(phone.page.locator(".post-card")).to_contain_text("山口的风")
    nothing_sticks_out(phone.page)

    ours = phone.page.evaluate("location.origin")
    widget = f'<script src="{ours}/channels/widget.js" data-channel="{channel.slug}" async></script>'
    with another_site(widget) as elsewhere:
        reader = visit(width=768)
        cookies = reader.context.cookies()
        reader.page.goto(elsewhere)
        frame = reader.page.frame_locator("iframe")
        expect(frame.locator(".embed__card")).to_contain_text("山口的风")
        outer = reader.page.locator("iframe")
        inner = frame.locator("#main").evaluate("page => Math.ceil(page.getBoundingClientRect().height)")
        expect(outer).to_have_css("height", f"{inner}px")
        # What is not from the frame's own window says nothing.
        reader.page.evaluate(
            "new Promise((said) => { addEventListener('message', said, { once: true });"
            " postMessage({ wuyou: 'height', height: 5000 }, '*') })"
        )
        expect(outer).to_have_css("height", f"{inner}px")
        assert reader.context.cookies() == cookies

        frame.locator(".embed__card").click()

        reader.page.wait_for_url(f"{ours}/posts/{post}?from=%2Fchannels%2Fhuwai")
        expect(reader.page.locator("h1")).to_have_text("山口的风")
        reader.page.click(".post__origin-channel")
        expect(reader.page.locator("h1")).to_have_text("Outdoors")
