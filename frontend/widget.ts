// Puts a channel into a page of another site, where this script stands:
//   <script src="https://…/channels/widget.js" data-channel="haohuo" async></script>
// data-lang and data-theme choose a language and light or dark. The frame is as high as what is in it; only its own
// window, at the origin that this script came from, can say how high that is.

const LEAST_PX = 120;
const MOST_PX = 20_000;
const SLUG = /^[a-z][a-z0-9-]{1,15}$/;

interface Height {
  wuyou: "height";
  height: number;
}

function isHeight(data: unknown): data is Height {
  if (typeof data !== "object" || data === null) return false;
  const said = data as Partial<Height>;
  return said.wuyou === "height" && typeof said.height === "number" && Number.isFinite(said.height);
}

function put(script: HTMLScriptElement): void {
  const { channel = "", lang = "", theme = "" } = script.dataset;
  if (!SLUG.test(channel)) return;
  const origin = new URL(script.src).origin;
  const address = new URL(`/channels/${channel}/embed`, origin);
  if (lang) address.searchParams.set("lang", lang);
  if (theme) address.searchParams.set("theme", theme);
  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = script.dataset["title"] ?? "物友 Wuyou";
  frame.loading = "lazy";
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  frame.sandbox.add("allow-scripts", "allow-same-origin", "allow-popups", "allow-top-navigation-by-user-activation");
  Object.assign(frame.style, { display: "block", width: "100%", height: "480px", border: "0" });
  addEventListener("message", (event) => {
    if (event.origin !== origin || event.source !== frame.contentWindow || !isHeight(event.data)) return;
    frame.style.height = `${Math.min(Math.max(Math.ceil(event.data.height), LEAST_PX), MOST_PX)}px`;
  });
  script.insertAdjacentElement("afterend", frame);
}

if (document.currentScript instanceof HTMLScriptElement) put(document.currentScript);
