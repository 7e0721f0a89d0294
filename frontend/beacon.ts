// What was seen, for how long, and what was pressed: told to the beacon in batches, under ids that stay the same when a
// batch is sent again. Marks say what an element is about (docs/guides/ui.md):
//   data-seen="post:12"   this element shows the post 12; data-dwell beside it: it is what the page is about
//   data-list="new"       the marks inside are one list, and count their places from 1
//   data-says="share"     pressing it says so of the mark around it
//   data-surface="home"   the page or sheet around them
//   data-origin="post:5"  from what it is reached; else the mark around it, or where the press came from that led here

interface Said {
  id: string;
  kind: string;
  at: number;
  object_kind?: string;
  object_id?: number;
  surface?: string;
  list?: string;
  position?: number;
  origin_kind?: string;
  origin_id?: number;
  value?: number;
}

const SEEN_MS = 1_000;
const VIDEO_SEEN_MS = 2_000;
const TICK_MS = 500;
const IDLE_MS = 30_000;
const LEAST_DWELL_MS = 1_000;
const FLUSH_MS = 5_000;
const MOST_PAUSE_MS = 120_000;
const BATCH = 100;
/** More is not kept for a beacon that does not answer: the oldest go. */
const MOST_KEPT = 500;
const MOST_ORIGINS = 40;
const KEPT = "beacon-kept";
const SESSION = "beacon-session";
const ORIGINS = "beacon-origins";
const STEPS = Array.from({ length: 21 }, (_, step) => step / 20);
const OBJECT = /^([a-z]+):([1-9]\d*)$/;

const address = document.body.dataset["beacon"];

function newId(): string {
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const time = Date.now().toString(16).padStart(12, "0");
  // Version 7: what comes together lies together.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6, 18)}`;
}

function stored<Value>(key: string, otherwise: Value): Value {
  try {
    return (JSON.parse(sessionStorage.getItem(key) ?? "null") as Value | null) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function store(key: string, value: unknown): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden: then it lives as long as the page.
  }
}

function start(to: string): void {
  const session = stored(SESSION, "") || newId();
  store(SESSION, session);
  const origins = stored<Record<string, string>>(ORIGINS, {});
  const said = new WeakSet<Element>();
  const inView = new Map<HTMLElement, number | undefined>();
  const dwelt = new Map<HTMLElement, number>();
  const played = new Map<HTMLElement, number>();
  let waiting = stored<Said[]>(KEPT, []);
  let pause = FLUSH_MS;
  let notBefore = 0;
  let isSending = false;
  let movedAt = performance.now();
  let tickedAt = performance.now();
  let isActive = !document.hidden;

  function originOf(mark: HTMLElement): string | undefined {
    const around = mark.parentElement?.closest<HTMLElement>("[data-seen]")?.dataset["seen"];
    return mark.dataset["origin"] ?? around ?? origins[mark.dataset["seen"] ?? ""];
  }

  function say(kind: string, mark: HTMLElement, value?: number): void {
    const object = OBJECT.exec(mark.dataset["seen"] ?? "");
    if (!object) return;
    const event: Said = { id: newId(), kind, at: Date.now(), object_kind: object[1] ?? "", object_id: Number(object[2]) };
    const surface = mark.closest<HTMLElement>("[data-surface]")?.dataset["surface"];
    if (surface) event.surface = surface;
    const list = mark.closest<HTMLElement>("[data-list]");
    if (list && list !== mark) {
      event.list = list.dataset["list"] ?? "";
      event.position = [...list.querySelectorAll("[data-seen]")].indexOf(mark) + 1;
    }
    const origin = OBJECT.exec(originOf(mark) ?? "");
    if (origin) {
      event.origin_kind = origin[1] ?? "";
      event.origin_id = Number(origin[2]);
    }
    if (value !== undefined) event.value = value;
    waiting.push(event);
    if (waiting.length >= BATCH) void flush();
  }

  async function flush(isLeaving = false): Promise<void> {
    if (!waiting.length || (!isLeaving && (isSending || performance.now() < notBefore))) return;
    const batch = waiting.slice(0, BATCH);
    waiting = waiting.slice(BATCH);
    isSending = true;
    const again = await post(batch, isLeaving);
    isSending = false;
    if (again) {
      waiting = [...batch, ...waiting].slice(-MOST_KEPT);
      pause = Math.min(pause * 2, MOST_PAUSE_MS);
      notBefore = performance.now() + pause;
    } else {
      pause = FLUSH_MS;
    }
    // A page that comes next sends what this one could not.
    store(KEPT, waiting);
    if (!again && waiting.length >= (isLeaving ? 1 : BATCH)) await flush(isLeaving);
  }

  /** Whether it has to be sent again. What is refused by name never becomes right. */
  async function post(events: Said[], isLeaving: boolean): Promise<boolean> {
    const body = JSON.stringify({ session, sent_at: Date.now(), events });
    if (isLeaving && !("keepalive" in Request.prototype)) return !navigator.sendBeacon(to, body);
    try {
      const options: RequestInit = { method: "POST", body, credentials: "include", keepalive: true, cache: "no-store" };
      const answer = await fetch(to, { ...options, headers: { "Content-Type": "text/plain" } });
      return answer.status === 429 || answer.status >= 500;
    } catch {
      return true;
    }
  }

  function wait(mark: HTMLElement): void {
    if (said.has(mark) || inView.get(mark) !== undefined || document.hidden) return;
    const isVideo = mark instanceof HTMLVideoElement || mark.querySelector("video") !== null;
    inView.set(
      mark,
      window.setTimeout(
        () => {
          if (said.has(mark)) return;
          said.add(mark);
          say("exposure", mark);
        },
        isVideo ? VIDEO_SEEN_MS : SEEN_MS,
      ),
    );
  }

  const observer = new IntersectionObserver(
    (entries) => {
      // What comes into view now was not looked at before, and what leaves was until now.
      tick();
      for (const { target, intersectionRect: seen, boundingClientRect: whole, rootBounds: screen } of entries) {
        if (!(target instanceof HTMLElement)) continue;
        const area = seen.width * seen.height;
        // Half of its pixels; or half of the screen, for what is larger than that.
        const least = Math.min(whole.width * whole.height, screen ? screen.width * screen.height : Infinity) / 2;
        if (area > 0 && area >= least) {
          if (!inView.has(target)) inView.set(target, undefined);
          wait(target);
        } else {
          window.clearTimeout(inView.get(target));
          inView.delete(target);
        }
      }
    },
    { threshold: STEPS },
  );

  function watch(within: ParentNode): void {
    for (const mark of within.querySelectorAll<HTMLElement>("[data-seen]")) observer.observe(mark);
  }

  function tick(): void {
    const now = performance.now();
    const passed = Math.min(now - tickedAt, 2 * TICK_MS);
    tickedAt = now;
    const wasActive = isActive;
    isActive = !document.hidden && document.hasFocus() && now - movedAt < IDLE_MS;
    for (const mark of inView.keys()) {
      if (wasActive && mark.isConnected && mark.dataset["dwell"] !== undefined) {
        dwelt.set(mark, (dwelt.get(mark) ?? 0) + passed);
      }
    }
    for (const mark of dwelt.keys()) if (!mark.isConnected) endDwell(mark);
    // What plays by itself in a list nobody has chosen to watch.
    for (const video of document.querySelectorAll<HTMLVideoElement>("video:not([data-preview])")) {
      const mark = video.closest<HTMLElement>("[data-seen]");
      if (!mark || video.paused || document.hidden) continue;
      played.set(mark, (played.get(mark) ?? 0) + passed);
    }
    for (const mark of played.keys()) if (!mark.isConnected || mark.querySelector<HTMLVideoElement>("video:not([data-preview])")?.paused) endPlay(mark);
  }

  /** So long a film was played in one go. */
  function endPlay(mark: HTMLElement): void {
    const ms = Math.round(played.get(mark) ?? 0);
    played.delete(mark);
    if (ms >= LEAST_DWELL_MS) say("video_view", mark, ms);
  }

  function endDwell(mark: HTMLElement): void {
    const ms = Math.round(dwelt.get(mark) ?? 0);
    dwelt.delete(mark);
    if (ms >= LEAST_DWELL_MS) say("dwell", mark, ms);
  }

  function leave(): void {
    tick();
    for (const [mark, timer] of inView) {
      window.clearTimeout(timer);
      inView.set(mark, undefined);
    }
    for (const mark of [...dwelt.keys()]) endDwell(mark);
    for (const mark of [...played.keys()]) endPlay(mark);
    void flush(true);
  }

  document.addEventListener(
    "click",
    (event) => {
      const pressed = event.target instanceof Element ? event.target.closest("a, button, label, summary") : null;
      const says = pressed?.closest<HTMLElement>("[data-says]");
      const about = says?.closest<HTMLElement>("[data-seen]");
      if (says && about) say(says.dataset["says"] ?? "", about);
      const mark = pressed?.closest<HTMLElement>("[data-seen]:not([data-dwell])");
      if (!mark) return;
      say("click", mark);
      const origin = originOf(mark);
      if (!origin) return;
      delete origins[mark.dataset["seen"] ?? ""];
      origins[mark.dataset["seen"] ?? ""] = origin;
      for (const old of Object.keys(origins).slice(0, -MOST_ORIGINS)) delete origins[old];
      store(ORIGINS, origins);
    },
    { capture: true, passive: true },
  );
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return leave();
    tick();
    for (const mark of inView.keys()) wait(mark);
  });
  addEventListener("pagehide", leave);
  for (const sign of ["pointermove", "pointerdown", "keydown", "scroll"]) {
    addEventListener(sign, () => (movedAt = performance.now()), { passive: true, capture: true });
  }
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) if (node instanceof HTMLElement) watch(node.parentElement ?? node);
    }
  }).observe(document.body, { childList: true, subtree: true });
  watch(document);
  window.setInterval(tick, TICK_MS);
  window.setInterval(() => void flush(), FLUSH_MS);
}

if (address) start(address);
