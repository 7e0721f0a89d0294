// The service worker: shows what is pushed, and opens the page that it tells of. It keeps and fetches nothing else.

interface Pushed {
  text: string;
  href: string;
  count: number;
}

// Of a worker's world, which excludes the types of pages, what is used here.
interface Waiting extends Event {
  waitUntil(promise: Promise<unknown>): void;
}
interface Tab {
  url: string;
  focused: boolean;
  visibilityState: DocumentVisibilityState;
  focus(): Promise<Tab>;
}
interface WorkerScope {
  location: Location;
  registration: ServiceWorkerRegistration;
  clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<Tab[]>;
    openWindow(url: string): Promise<Tab | null>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Waiting) => void): void;
  addEventListener(type: "push", listener: (event: Waiting & { data: { json(): unknown } | null }) => void): void;
  addEventListener(type: "notificationclick", listener: (event: Waiting & { notification: Notification }) => void): void;
}

const scope = self as unknown as WorkerScope;

async function show(pushed: Pushed): Promise<void> {
  const windows = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  // Who looks at a page sees the bell there.
  if (windows.some((client) => client.focused && client.visibilityState === "visible")) return;
  await scope.registration.showNotification("物友 Wuyou", { body: pushed.text, tag: "wuyou", data: pushed.href });
}

async function open(href: string): Promise<void> {
  const url = new URL(href, scope.location.origin);
  if (url.origin !== scope.location.origin) return;
  const windows = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((client) => client.url === url.href);
  if (there) await there.focus();
  else await scope.clients.openWindow(url.href);
}

scope.addEventListener("install", () => void scope.skipWaiting());
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener("push", (event) => {
  if (event.data) event.waitUntil(show(event.data.json() as Pushed));
});
scope.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(String(event.notification.data)));
});

export {};
