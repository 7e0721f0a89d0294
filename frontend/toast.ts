// Short messages above the bottom edge: those of the page, those of scripts, and those of a response's
// `HX-Trigger: {"toast": "text"}` header.

const SHOWN_MS = 4500;
const LEAVING_MS = 250;

function leaveLater(element: Element): void {
  setTimeout(() => {
    element.classList.add("is-leaving");
    setTimeout(() => element.remove(), LEAVING_MS);
  }, SHOWN_MS);
}

export function toast(text: string): void {
  const region = document.getElementById("toasts");
  if (!region || !text) return;
  const dialog = document.querySelector<HTMLDialogElement>("dialog[open]");
  // A modal dialog covers everything outside it, so the region moves in while one is open.
  (dialog ?? document.body).append(region);
  const element = document.createElement("p");
  element.className = "toast";
  element.textContent = text;
  region.append(element);
  leaveLater(element);
}

/** A text that the page carries in its own language, from `<body data-text-…>`. */
export function pageText(name: "copied" | "failed" | "denied"): string {
  return document.body.dataset[`text${name[0]!.toUpperCase()}${name.slice(1)}`] ?? "";
}

document.querySelectorAll("[data-toast]").forEach(leaveLater);

document.addEventListener("toast", (event) => {
  const detail: unknown = (event as CustomEvent).detail;
  const text = typeof detail === "object" && detail !== null && "value" in detail ? detail.value : detail;
  if (typeof text === "string") toast(text);
});
