// What every htmx request of ours carries, and what happens when one fails. Validation answers (422) and refusals
// (409) swap like any other; the codes in the htmx-config meta tag do not, and are said in a toast.

import "htmx.org";
import { pageText, toast } from "./toast";

interface RequestContext {
  sourceElement?: Element;
  request: { method: string; headers: Record<string, string>; cache?: RequestCache };
  response?: { status: number };
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

function csrfToken(source: Element | undefined): string | undefined {
  const near = source?.closest("form")?.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]");
  const any = document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]");
  return (near ?? any)?.value;
}

function context(event: Event): RequestContext {
  return (event as CustomEvent<{ ctx: RequestContext }>).detail.ctx;
}

document.addEventListener("htmx:config:request", (event) => {
  const { request, sourceElement } = context(event);
  // A fragment kept in the browser's cache would be shown as a whole page by the back button.
  request.cache = "no-store";
  if (SAFE.has(request.method.toUpperCase())) return;
  const token = csrfToken(sourceElement);
  if (token) request.headers["X-CSRFToken"] = token;
});

document.addEventListener("htmx:response:error", (event) => {
  const status = context(event).response?.status ?? 0;
  if (status === 401 || status === 403) toast(pageText("denied"));
  else if (status === 404 || status === 429 || status >= 500) toast(pageText("failed"));
});

document.addEventListener("htmx:error", () => toast(pageText("failed")));
