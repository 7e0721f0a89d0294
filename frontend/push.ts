// Pushes to this browser: the switch on the page of settings, and the subscription kept true. It belongs to a session:
// once a tab it is told again to whom pushes go, so that it outlives a new sign-in or a new password.

import { toast } from "./toast";

const KNOWN = "push-told";
const HERE_MS = 60_000;
const IDLE_MS = 120_000;

function token(): string {
  return document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

async function post(address: string, fields: Record<string, string>): Promise<void> {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "X-CSRFToken": token() },
    body: new URLSearchParams(fields),
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
}

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function isOf(subscription: PushSubscription, key: string): boolean {
  const held = subscription.options.applicationServerKey;
  return held !== null && String(new Uint8Array(held)) === String(toBytes(key));
}

async function tell(address: string, subscription: PushSubscription): Promise<void> {
  const { endpoint, keys } = subscription.toJSON();
  await post(address, { endpoint: endpoint ?? "", p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" });
  sessionStorage.setItem(KNOWN, "1");
}

async function subscribed(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration?.pushManager.getSubscription()) ?? null;
}

async function turnOn(place: HTMLElement): Promise<void> {
  const { worker, key, subscribe } = place.dataset;
  if (!worker || !key || !subscribe || (await Notification.requestPermission()) !== "granted") return;
  await navigator.serviceWorker.register(worker, { scope: "/" });
  const registration = await navigator.serviceWorker.ready;
  const before = await registration.pushManager.getSubscription();
  if (before && !isOf(before, key)) await before.unsubscribe();
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: toBytes(key) });
  await tell(subscribe, made);
}

async function turnOff(place: HTMLElement): Promise<void> {
  const subscription = await subscribed();
  if (!subscription) return;
  await post(place.dataset["stop"] ?? "", { endpoint: subscription.endpoint });
  await subscription.unsubscribe();
}

async function state(): Promise<string> {
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return "none";
  if (Notification.permission === "denied") return "denied";
  return (await subscribed()) ? "on" : "off";
}

async function show(place: HTMLElement): Promise<void> {
  const now = await state();
  for (const each of place.querySelectorAll<HTMLElement>("[data-state]")) each.hidden = each.dataset["state"] !== now;
}

const place = document.querySelector<HTMLElement>("[data-push]");
if (place) {
  const press = (act: (place: HTMLElement) => Promise<void>) => () => {
    act(place)
      .catch(() => toast(place.dataset["failed"] ?? ""))
      .finally(() => void show(place));
  };
  place.querySelector("[data-push-on]")?.addEventListener("click", press(turnOn));
  place.querySelector("[data-push-off]")?.addEventListener("click", press(turnOff));
  void show(place);
}

const { pushSubscribe, sayHere } = document.body.dataset;

async function keepTrue(address: string): Promise<void> {
  if (sessionStorage.getItem(KNOWN) || (await state()) !== "on") return;
  const subscription = await subscribed();
  if (subscription) await tell(address, subscription);
}

if (pushSubscribe) keepTrue(pushSubscribe).catch(() => undefined);

// Whoever reads here needs no push: the page says so once a minute, as long as somebody moves on it.
if (sayHere) {
  let moved = Date.now();
  for (const sign of ["pointermove", "pointerdown", "keydown", "scroll"]) {
    addEventListener(sign, () => (moved = Date.now()), { passive: true });
  }
  const say = (): void => {
    if (!document.hidden && Date.now() - moved < IDLE_MS) post(sayHere, {}).catch(() => undefined);
  };
  window.setInterval(say, HERE_MS);
}
