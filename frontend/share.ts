// The share button: the device's own share sheet where there is one, else the link is copied.

import { pageText, toast } from "./toast";

async function copy(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Plain http (a laptop in the living room) has no clipboard API.
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("copy refused");
}

async function copyAndSay(text: string): Promise<void> {
  try {
    await copy(text);
    toast(pageText("copied"));
  } catch {
    toast(pageText("failed"));
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-share-send], [data-share-copy]") : null;
  const share = button?.closest<HTMLElement>("[data-share]");
  if (!button || !share) return;
  const { title = "", text = "" } = share.dataset;
  const url = new URL(share.dataset["url"] ?? "", location.href).href;
  if (button.matches("[data-share-copy]") || !navigator.share) {
    await copyAndSay(url);
    return;
  }
  try {
    await navigator.share({ title, text, url });
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "AbortError")) await copyAndSay(url);
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy-text]") : null;
  const text = button?.closest("[data-copy]")?.querySelector("textarea")?.value;
  if (text !== undefined) await copyAndSay(text);
});
