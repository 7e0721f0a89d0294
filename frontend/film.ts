// Films of posts: what is in view at a moment can be bought over it. The film stops while one looks at a product, and
// goes on at the same second: the address holds it (`#t=12`), so that also leads back who bought on another page.
// Full screen is the frame's and not the film's, so that what is in view can be bought there too. Without this script the
// film plays, and what is in it stands below it.

const AT = /^#t=(\d{1,5})$/;
const LINE = /^#tag-(\d+)$/;

/** Which film goes on, and where: set when a product opens over it. */
let interrupted: { post: string; second: number } | null = null;

/** The film of this post goes on at this second, with its sound, once it is there: somebody has tapped it. */
export function goOn(post: string, second: number): void {
  interrupted = { post, second };
}

function pictureOf(film: Element | null | undefined): HTMLVideoElement | null {
  return film?.querySelector<HTMLVideoElement>("video") ?? null;
}

/** The film that belongs to something in the page or sheet: in it, or beside it. */
function filmOf(element: Element): HTMLElement | null {
  return element.closest<HTMLElement>("[data-film]") ?? element.closest(".post")?.querySelector<HTMLElement>("[data-film]") ?? null;
}

function show(film: HTMLElement, video: HTMLVideoElement): void {
  const at = video.currentTime * 1000;
  for (const pill of film.querySelectorAll<HTMLElement>("[data-from]")) {
    const until = pill.dataset["until"];
    const isInView = at >= Number(pill.dataset["from"]) && (until === undefined || at < Number(until));
    // Who is about to press it keeps it.
    if (!pill.contains(document.activeElement)) pill.hidden = !isInView;
  }
  for (const line of film.closest(".post")?.querySelectorAll<HTMLElement>("[data-moment]") ?? []) {
    const pill = film.querySelector<HTMLElement>(`[data-from="${line.dataset["moment"]}"]`);
    line.classList.toggle("is-in-view", pill !== null && !pill.hidden);
  }
}

/** Where the address says that the film begins; null where it says nothing of it. */
function secondIn(address: string, film: HTMLElement): number | null {
  const at = AT.exec(address);
  if (at) return Number(at[1]);
  const line = LINE.exec(address);
  const moment = line && film.closest(".post")?.querySelector<HTMLElement>(`#tag-${line[1]}`)?.dataset["moment"];
  return moment ? Number(moment) / 1000 : null;
}

function play(video: HTMLVideoElement): void {
  // Refused where nothing was pressed yet: then the reader presses play.
  void video.play().catch(() => undefined);
}

/** The frame fills the screen, with what lies over the film; where a browser has only the film's own, that stays. */
function offerFullScreen(film: HTMLElement, video: HTMLVideoElement): void {
  const button = film.querySelector<HTMLElement>("[data-film-full]");
  const frame = button?.parentElement;
  if (!button || !frame || !document.fullscreenEnabled) return;
  video.setAttribute("controlslist", "nofullscreen");
  button.hidden = false;
  button.addEventListener("click", () => void (document.fullscreenElement ? leaveFullScreen() : frame.requestFullscreen().catch(() => undefined)));
  frame.addEventListener("fullscreenchange", () => button.setAttribute("aria-pressed", String(document.fullscreenElement === frame)));
}

function leaveFullScreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
}

function begin(film: HTMLElement): void {
  const video = pictureOf(film);
  if (!video || film.dataset["isBegun"] !== undefined) return;
  film.dataset["isBegun"] = "";
  offerFullScreen(film, video);
  const second = secondIn(location.hash, film);
  if (second !== null) video.currentTime = second;
  for (const event of ["timeupdate", "seeked", "loadedmetadata"]) video.addEventListener(event, () => show(film, video));
  show(film, video);
  if (interrupted && interrupted.post === film.dataset["film"] && second === interrupted.second) play(video);
}

/** Stop it for a product, and let the address and the link to the product remember the second. */
function interrupt(film: HTMLElement, video: HTMLVideoElement, link: HTMLAnchorElement): void {
  const second = Math.floor(video.currentTime);
  interrupted = video.paused ? null : { post: film.dataset["film"] ?? "", second };
  video.pause();
  leaveFullScreen();
  const to = new URL(link.href);
  to.searchParams.set("t", String(second));
  link.href = to.href;
  const here = new URL(location.href);
  here.hash = `t=${second}`;
  const state: unknown = history.state;
  const isSheet = typeof state === "object" && state !== null && "sheet" in state;
  history.replaceState(isSheet ? { ...state, sheet: here.href } : state, "", here.href);
}

// Before the sheet hears of the press.
document.addEventListener(
  "click",
  (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const seek = target?.closest<HTMLElement>("[data-seek]");
    const link = target?.closest<HTMLAnchorElement>("a[data-sheet]");
    const film = target && filmOf(seek ?? link ?? target);
    const video = pictureOf(film);
    if (!film || !video || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (seek) {
      event.preventDefault();
      video.currentTime = Number(seek.dataset["seek"]) / 1000;
      film.scrollIntoView({ block: "nearest" });
      play(video);
    } else if (link && (link.closest("[data-film]") || link.closest(".post-tags"))) {
      interrupt(film, video, link);
    }
  },
  { capture: true },
);

// A sheet over the page of a post is closed: the film below it goes on.
document.querySelector("dialog#sheet")?.addEventListener("close", () => {
  const film = document.querySelector<HTMLElement>(`main [data-film="${CSS.escape(interrupted?.post ?? "")}"]`);
  const video = pictureOf(film);
  if (video?.isConnected && interrupted) play(video);
  interrupted = null;
});

function beginAll(): void {
  for (const film of document.querySelectorAll<HTMLElement>("[data-film]")) begin(film);
}

addEventListener("hashchange", () => {
  for (const film of document.querySelectorAll<HTMLElement>("[data-film]")) {
    const video = pictureOf(film);
    const at = AT.exec(location.hash);
    if (video && at) video.currentTime = Number(at[1]);
  }
});
beginAll();
document.addEventListener("htmx:after:swap", beginAll);
