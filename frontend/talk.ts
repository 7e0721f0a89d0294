// An open conversation: what is new comes in as the stream tells of it, what was seen is marked, and a message goes out
// without leaving the page. The server draws every bubble; without this script the same forms are plain pages.

import { isStreaming, type LiveMessage } from "./live";
import { pageText, toast } from "./toast";

const page = document.querySelector<HTMLElement>("[data-talk]");
const room = document.querySelector<HTMLElement>("[data-room]");
const list = document.querySelector<HTMLElement>("#talk-list");
const bubbles = document.querySelector<HTMLOListElement>("#messages");
const form = document.querySelector<HTMLFormElement>("[data-say]");
const scroller = room?.querySelector<HTMLElement>(".room__scroll");

const HEADERS = { "HX-Request": "true" };
const ASK_MS = 4_000;
const LIST_MS = 250;
const NEAR_PX = 160;

function detailOf(event: Event): LiveMessage {
  return (event as CustomEvent<LiveMessage>).detail;
}

function isHere(event: Event): boolean {
  return room !== null && String(detailOf(event).conversation) === room.dataset["room"];
}

function token(): string {
  return document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

// ------------------------------------------------------------------ the list

let listDue: number | undefined;

async function drawList(): Promise<void> {
  listDue = undefined;
  const href = page?.dataset["list"];
  if (!href || !list) return;
  const answer = await fetch(href, { headers: HEADERS, cache: "no-store" }).catch(() => undefined);
  if (answer?.ok && !answer.redirected) list.innerHTML = await answer.text();
}

function listSoon(): void {
  listDue ??= window.setTimeout(() => void drawList(), LIST_MS);
}

// ------------------------------------------------------------------ messages

function lastSeq(): number {
  return Number(bubbles?.dataset["last"] ?? 0);
}

function isAtEnd(): boolean {
  return !scroller || Math.abs(scroller.scrollTop) < NEAR_PX;
}

function parse(text: string): Element[] {
  const made = document.createElement("template");
  made.innerHTML = text;
  return [...made.content.children];
}

function add(text: string): void {
  if (!bubbles) return;
  const wasAtEnd = isAtEnd();
  for (const row of parse(text)) {
    const { seq, day } = (row as HTMLElement).dataset;
    if (seq && Number(seq) <= lastSeq()) continue;
    if (day && bubbles.querySelector(`[data-day="${day}"]`)) continue;
    bubbles.append(row);
    if (seq) bubbles.dataset["last"] = seq;
  }
  room?.querySelector(".room__begin")?.remove();
  if (wasAtEnd && scroller) scroller.scrollTop = 0;
  drawSeen();
}

let fetching: Promise<void> | undefined;
let isStale = false;

async function fetchNew(): Promise<void> {
  if (!room || room.querySelector(".room__latest")) return;
  do {
    isStale = false;
    const answer = await fetch(`${room.dataset["messages"]}?after=${lastSeq()}`, { headers: HEADERS, cache: "no-store" });
    if (answer.status === 404) {
      location.reload();
      return;
    }
    if (answer.status === 200 && !answer.redirected) add(await answer.text());
  } while (isStale);
  seenSoon();
}

function newSoon(): void {
  isStale = true;
  fetching ??= fetchNew().catch(() => undefined).finally(() => (fetching = undefined));
}

async function drawAgain(seq: number): Promise<void> {
  const old = bubbles?.querySelector(`[data-seq="${seq}"]`);
  if (!old || !room) return;
  const answer = await fetch(`${room.dataset["messages"]}?at=${seq}`, { headers: HEADERS, cache: "no-store" });
  if (answer.status === 204) old.remove();
  if (answer.status !== 200) return;
  const row = parse(await answer.text()).find((each) => (each as HTMLElement).dataset["seq"]);
  if (row) old.replaceWith(row);
}

// ------------------------------------------------------------------ seen, both ways

let marked = 0;

async function markSeen(): Promise<void> {
  const seq = lastSeq();
  if (!room || document.hidden || seq <= marked || room.querySelector(".room__answer")) return;
  marked = seq;
  room.querySelector("[data-mark]")?.remove();
  const body = new URLSearchParams({ seq: String(seq) });
  const headers = { ...HEADERS, "X-CSRFToken": token() };
  const answer = await fetch(room.dataset["seen"] ?? "", { method: "POST", body, headers });
  if (!answer.ok) marked = 0;
}

function seenSoon(): void {
  if (isAtEnd()) void markSeen().catch(() => (marked = 0));
}

function drawSeen(): void {
  const sign = room?.querySelector<HTMLElement>(".room__seen");
  const mine = [...(bubbles?.querySelectorAll<HTMLElement>("[data-seq]") ?? [])].at(-1);
  if (!sign || !bubbles || !mine) return;
  const isSeen = mine.matches(".bubble-row--mine") && Number(mine.dataset["seq"]) <= Number(bubbles.dataset["otherSeen"]);
  sign.hidden = !isSeen;
  sign.textContent = sign.dataset["text"] ?? "";
}

// ------------------------------------------------------------------ saying something

function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function reasonOf(answer: Response): string {
  try {
    const said = JSON.parse(answer.headers.get("HX-Trigger") ?? "{}") as { toast?: string };
    // A header carries Latin-1; the sentence travels escaped.
    return said.toast ?? pageText("failed");
  } catch {
    return pageText("failed");
  }
}

function dropReply(): void {
  if (!form) return;
  form.querySelector<HTMLInputElement>("[name=reply]")!.value = "";
  form.querySelector<HTMLElement>(".say__reply")!.hidden = true;
}

function drawPhotos(): void {
  const shown = form?.querySelector<HTMLElement>("[data-photos]");
  const files = form?.querySelector<HTMLInputElement>(".say__file")?.files;
  if (!shown) return;
  shown.replaceChildren();
  shown.hidden = !files?.length;
  for (const file of files ?? []) {
    const picture = document.createElement("img");
    picture.alt = file.name;
    const reader = new FileReader();
    reader.addEventListener("load", () => (picture.src = String(reader.result)));
    reader.readAsDataURL(file);
    shown.append(picture);
  }
}

async function send(): Promise<void> {
  if (!form) return;
  const text = form.querySelector<HTMLTextAreaElement>("[name=text]")!;
  const files = form.querySelector<HTMLInputElement>(".say__file")!;
  if (!text.value.trim() && !files.files?.length) return;
  const body = new FormData(form);
  body.set("after", String(lastSeq()));
  const button = form.querySelector(".say__send");
  form.dataset["sending"] = "";
  button?.classList.add("is-busy");
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: HEADERS });
    if (!answer.ok || answer.redirected) {
      // What was written stays, under the same client id: sent again, it is still said once.
      toast(reasonOf(answer));
      return;
    }
    if (answer.status === 200) add(await answer.text());
    text.value = "";
    files.value = "";
    form.querySelector<HTMLInputElement>("[name=client_id]")!.value = newId();
    dropReply();
    drawPhotos();
    marked = Math.max(marked, lastSeq());
    bubbles?.querySelector("#new")?.remove();
    if (scroller) scroller.scrollTop = 0;
    listSoon();
  } catch {
    toast(pageText("failed"));
  } finally {
    delete form.dataset["sending"];
    button?.classList.remove("is-busy");
    text.focus();
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  void send();
});

form?.addEventListener("keydown", (event) => {
  const isField = event.target instanceof HTMLTextAreaElement;
  if (!isField || event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  form.requestSubmit();
});

form?.addEventListener("change", (event) => {
  if (event.target instanceof HTMLInputElement && event.target.type === "file") drawPhotos();
});

form?.addEventListener("paste", (event) => {
  const files = event.clipboardData?.files;
  const field = form.querySelector<HTMLInputElement>(".say__file");
  if (!files?.length || !field) return;
  event.preventDefault();
  field.files = files;
  drawPhotos();
});

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const reply = target?.closest<HTMLElement>("[data-reply]");
  if (reply && form) {
    event.preventDefault();
    const row = reply.closest("[data-seq]");
    form.querySelector<HTMLInputElement>("[name=reply]")!.value = reply.dataset["reply"] ?? "";
    form.querySelector<HTMLElement>(".say__reply")!.hidden = false;
    form.querySelector<HTMLElement>("[data-reply-text]")!.textContent = row?.querySelector("div .bubble__text")?.textContent ?? "…";
    form.querySelector<HTMLTextAreaElement>("[name=text]")!.focus();
  } else if (target?.closest("[data-reply-drop]")) {
    event.preventDefault();
    dropReply();
  }
  const older = target?.closest<HTMLAnchorElement>("[data-older]");
  if (older && bubbles && room) {
    event.preventDefault();
    void loadOlder(older);
  }
  for (const open of document.querySelectorAll<HTMLDetailsElement>(".bubble-menu[open]")) {
    if (!target || !open.contains(target) || reply) open.open = false;
  }
});

async function loadOlder(link: HTMLAnchorElement): Promise<void> {
  const before = new URL(link.href).searchParams.get("before") ?? "";
  const answer = await fetch(`${room?.dataset["messages"]}?before=${before}`, { headers: HEADERS, cache: "no-store" });
  if (!answer.ok) return;
  const place = link.closest("li");
  if (answer.status === 200) {
    const rows = parse(await answer.text());
    const days = new Set(rows.map((row) => (row as HTMLElement).dataset["day"]).filter(Boolean));
    for (const day of days) bubbles?.querySelector(`[data-day="${day}"]`)?.remove();
    place?.before(...rows);
  }
  place?.remove();
}

// ------------------------------------------------------------------ what the stream tells

document.addEventListener("live:message", (event) => {
  if (isHere(event)) newSoon();
  listSoon();
});
document.addEventListener("live:revised", (event) => {
  const { message } = detailOf(event);
  if (isHere(event) && message) void drawAgain(message.seq).catch(() => undefined);
  listSoon();
});
document.addEventListener("live:seen", (event) => {
  const { by, seen_up_to } = detailOf(event);
  if (isHere(event) && bubbles && seen_up_to !== undefined && room?.dataset["me"] !== String(by)) {
    bubbles.dataset["otherSeen"] = String(Math.max(seen_up_to, Number(bubbles.dataset["otherSeen"] ?? 0)));
    drawSeen();
  }
  listSoon();
});
document.addEventListener("live:conversation", (event) => {
  if (isHere(event)) location.reload();
  else listSoon();
});
document.addEventListener("live:reset", () => {
  if (page) location.reload();
});

document.addEventListener("live:ask", listSoon);
if (room) window.setInterval(() => {
  if (!isStreaming() && !document.hidden) newSoon();
}, ASK_MS);

document.addEventListener("visibilitychange", seenSoon);
scroller?.addEventListener("scroll", seenSoon, { passive: true });
drawSeen();
seenSoon();
