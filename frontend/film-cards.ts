// Films among the posts of a list play by themselves, without sound, while half of them is in view, and stop when not.
// Nothing is fetched or moves for who wants little motion or little data. A tap opens the post, where its film goes on
// from the same second with its sound. Without this script a card shows the picture that stands for the film.

import { goOn } from "./film";

const HALF = 0.5;
const STILL = "(prefers-reduced-motion: reduce), (prefers-reduced-data: reduce)";

function wantsStill(): boolean {
  const link: unknown = Reflect.get(navigator, "connection");
  const savesData = typeof link === "object" && link !== null && Reflect.get(link, "saveData") === true;
  return savesData || matchMedia(STILL).matches;
}

function stop(card: HTMLElement): void {
  const video = card.querySelector("video");
  if (!video) return;
  video.pause();
  // What is fetched of it is let go: a long list holds no films.
  video.removeAttribute("src");
  video.load();
  video.remove();
}

function play(card: HTMLElement): void {
  if (wantsStill() || document.hidden || card.querySelector("video")) return;
  const video = document.createElement("video");
  video.className = "post-card__film";
  video.muted = true;
  video.loop = true;
  video.playsInline = true;
  video.dataset["preview"] = "";
  video.ariaHidden = "true";
  video.tabIndex = -1;
  video.src = card.dataset["plays"] ?? "";
  card.append(video);
  // The picture stands there until the film does.
  void video.play().catch(() => stop(card));
}

const inView = new Set<HTMLElement>();

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, intersectionRatio } of entries) {
      if (!(target instanceof HTMLElement)) continue;
      if (intersectionRatio >= HALF) {
        inView.add(target);
        play(target);
      } else {
        inView.delete(target);
        stop(target);
      }
    }
  },
  { threshold: [0, HALF] },
);

function watch(): void {
  for (const card of document.querySelectorAll<HTMLElement>("[data-plays]")) observer.observe(card);
}

function look(): void {
  for (const card of inView) {
    if (document.hidden || !card.isConnected || wantsStill()) stop(card);
    else play(card);
  }
}

document.addEventListener("visibilitychange", look);
matchMedia(STILL).addEventListener("change", look);

// Before the sheet hears of the press.
document.addEventListener(
  "click",
  (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-sheet]") : null;
    const video = link?.querySelector<HTMLVideoElement>("[data-plays] > video");
    if (!link || !video || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const second = Math.floor(video.currentTime);
    const to = new URL(link.href);
    to.hash = `t=${second}`;
    link.href = to.href;
    video.pause();
    goOn(link.closest<HTMLElement>("[data-seen]")?.dataset["seen"]?.replace("post:", "") ?? "", second);
  },
  { capture: true },
);

document.querySelector("dialog#sheet")?.addEventListener("close", () => {
  for (const card of inView) void card.querySelector("video")?.play().catch(() => stop(card));
  look();
});

watch();
document.addEventListener("htmx:after:swap", watch);
