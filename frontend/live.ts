// One open stream a page tells what is new, under a number from which it goes on when it was cut off. Where nothing
// streams, the page asks now and then. Others listen to `live:<event>` on the document.

interface Counts {
  talk: number;
  bell: number;
}

export interface LiveMessage {
  conversation: number;
  message?: { seq: number; author: number; client_id: string };
  by?: number;
  seen_up_to?: number;
}

const ASK_MS = 30_000;
const RING_MS = 250;
const EVENTS = ["message", "revised", "seen", "conversation", "reset"] as const;
/** So often a stream may fail without having stood; then nobody is there, and the page asks. */
const MOST_FAILURES = 3;

const { liveStream, liveCounts } = document.body.dataset;
let source: EventSource | undefined;
let cursor = document.querySelector<HTMLElement>("[data-cursor]")?.dataset["cursor"];
let failures = 0;
let asking: number | undefined;
let ringing: number | undefined;
let hasRung = false;

function say(name: string, detail: unknown): void {
  document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));
}

export function isStreaming(): boolean {
  return source?.readyState === EventSource.OPEN;
}

function show(counts: Partial<Counts>): void {
  const talk = document.querySelector<HTMLElement>('[data-count="talk"]');
  if (talk && counts.talk !== undefined) {
    talk.textContent = counts.talk > 99 ? "99+" : String(counts.talk);
    talk.hidden = counts.talk === 0;
  }
  const bell = document.querySelector<HTMLElement>("[data-bell]");
  if (!bell || counts.bell === undefined) return;
  const text = counts.bell > 99 ? "99+" : String(counts.bell);
  bell.querySelector(".rail__count")?.remove();
  bell.ariaLabel = bell.dataset["bell"] + (counts.bell ? ` (${text})` : "");
  if (counts.bell === 0) return;
  const sign = document.createElement("span");
  sign.className = "rail__count";
  sign.ariaHidden = "true";
  sign.textContent = text;
  bell.append(sign);
}

async function count(): Promise<void> {
  if (!liveCounts || document.hidden) return;
  const answer = await fetch(liveCounts, { cache: "no-store" }).catch(() => undefined);
  if (answer?.ok) show((await answer.json()) as Counts);
}

async function ask(): Promise<void> {
  if (!liveCounts || document.hidden) return;
  await count();
  say("ask", {});
}

/** The bell rang: its count is read with the reader's sight of this moment, once for many rings, by whoever looks. */
function ring(): void {
  hasRung = true;
  if (document.hidden) return;
  window.clearTimeout(ringing);
  ringing = window.setTimeout(() => {
    hasRung = false;
    void count();
  }, RING_MS * (1 + Math.random()));
}

function askNowAndThen(): void {
  if (asking !== undefined || !liveCounts) return;
  void ask();
  asking = window.setInterval(() => void ask(), ASK_MS);
}

function open(): void {
  if (source || !liveStream) return;
  source = new EventSource(cursor ? `${liveStream}?after=${cursor}` : liveStream, { withCredentials: true });
  source.addEventListener("open", () => {
    failures = 0;
    window.clearInterval(asking);
    asking = undefined;
  });
  for (const name of EVENTS) {
    source.addEventListener(name, (event: MessageEvent<string>) => {
      if (event.lastEventId) cursor = event.lastEventId;
      say(name, JSON.parse(event.data));
    });
  }
  source.addEventListener("whisper", (event: MessageEvent<string>) => {
    if ("bell" in (JSON.parse(event.data) as object)) ring();
  });
  source.addEventListener("counts", (event: MessageEvent<string>) => show(JSON.parse(event.data) as Counts));
  source.addEventListener("signed_out", () => {
    close();
    location.reload();
  });
  source.addEventListener("error", () => {
    failures += 1;
    if (failures < MOST_FAILURES && source?.readyState !== EventSource.CLOSED) return;
    close();
    askNowAndThen();
    // It may be starting; once it stands, the page goes on from where it was.
    window.setTimeout(open, ASK_MS);
  });
}

function close(): void {
  source?.close();
  source = undefined;
}

if (liveStream) open();
else askNowAndThen();

// A page that the browser keeps must not hold a stream; brought back, it goes on from its number.
addEventListener("pagehide", close);
addEventListener("pageshow", (event) => {
  if (event.persisted && liveStream) open();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  if (asking !== undefined) void ask();
  else if (hasRung) ring();
});
