// Opens `<a data-sheet>` over the page, under the link's own URL. Back, Escape, the backdrop and the close button all
// return to the page below exactly as it was left. Without this script the link is a plain page.

import htmx from "htmx.org";

interface SheetState {
  sheet: string;
  depth: number;
}

const dialog = document.querySelector<HTMLDialogElement>("#sheet");
const content = document.querySelector<HTMLElement>("#sheet-content");

function sheetState(): SheetState | undefined {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && "sheet" in state ? (state as SheetState) : undefined;
}

// Reloaded while a sheet was open: the sheet's URL is now the page itself, so there is no page below to go back to.
const isOwnPage = sheetState() !== undefined;

let titleBelow = "";

async function show(url: string): Promise<void> {
  if (!dialog || !content) return;
  if (!dialog.open) {
    titleBelow = document.title;
    content.replaceChildren();
    dialog.showModal();
  }
  content.ariaBusy = "true";
  try {
    await htmx.ajax("GET", url, {
      source: content,
      target: content,
      swap: "innerHTML ignoreTitle:true",
      select: ".sheet-part",
      headers: { "X-Sheet": "1" },
    });
  } finally {
    content.ariaBusy = null;
  }
  const part = content.querySelector<HTMLElement>(".sheet-part");
  if (!part) {
    location.assign(url);
    return;
  }
  // A tap that is noted opens a page with an address of its own: reloading it or going back to it taps nothing again.
  const address = part.dataset["address"];
  const state = sheetState();
  if (address && state) history.replaceState({ ...state, sheet: address } satisfies SheetState, "", address);
  content.scrollTop = 0;
  document.title = part.dataset["title"] ?? titleBelow;
}

function hide(): void {
  document.title = titleBelow;
  content?.replaceChildren();
}

/** Where a link leads; one that is drawn on a picture holds its address as it is written. */
function addressOf(link: HTMLAnchorElement | SVGAElement): string {
  return link instanceof SVGAElement ? new URL(link.href.baseVal, location.href).href : link.href;
}

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement | SVGAElement>("a[data-sheet]") : null;
  if (!link || !dialog || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const depth = (sheetState()?.depth ?? 0) + 1;
  const address = addressOf(link);
  history.pushState({ sheet: address, depth } satisfies SheetState, "", address);
  void show(address);
});

dialog?.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});

dialog?.addEventListener("close", () => {
  hide();
  const state = sheetState();
  if (state && !isOwnPage) history.go(-state.depth);
});

addEventListener("popstate", () => {
  if (isOwnPage) {
    location.reload();
    return;
  }
  const state = sheetState();
  if (state) void show(state.sheet);
  else if (dialog?.open) dialog.close();
});
