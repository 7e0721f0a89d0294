// The composer of a video: what is in view from one second to another is set by playing the film. The fields of each row
// hold the truth, in seconds; without this script they are filled in by hand.

const NAMESPACE = "http://www.w3.org/2000/svg";

function videoOf(form: Element): HTMLVideoElement | null {
  return form.querySelector<HTMLVideoElement>("[data-film-stage] video");
}

/** The seconds that were typed, as `65.4` or `1:05.4`; null for what is none. */
function secondsIn(text: string): number | null {
  const found = /^(?:(\d{1,3}):)?(\d{1,4})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  return found ? Number(found[1] ?? 0) * 60 + Number(`${found[2]}.${found[3] ?? 0}`) : null;
}

/** A bar for each thing below the film, as long as it is in view. */
function draw(form: Element): void {
  const line = form.querySelector<SVGElement>("[data-film-line]");
  const length = Number(line?.dataset["length"] ?? 0) / 1000;
  if (!line || !length) return;
  const rows = [...form.querySelectorAll("[data-row]")];
  const bars = rows.flatMap((row, place) => {
    const from = secondsIn(row.querySelector<HTMLInputElement>("[data-row-from]")?.value ?? "");
    const until = secondsIn(row.querySelector<HTMLInputElement>("[data-row-until]")?.value ?? "") ?? length;
    if (from === null || from >= length || until <= from) return [];
    const bar = document.createElementNS(NAMESPACE, "rect");
    bar.setAttribute("x", `${(from / length) * 100}%`);
    bar.setAttribute("width", `${((Math.min(until, length) - from) / length) * 100}%`);
    bar.setAttribute("y", `${(place / rows.length) * 100}%`);
    bar.setAttribute("height", `${80 / rows.length}%`);
    bar.setAttribute("rx", "2");
    return [bar];
  });
  line.replaceChildren(...bars);
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-now]") : null;
  const form = button?.closest("[data-compose]");
  const video = form && videoOf(form);
  const field = button?.closest("[data-row]")?.querySelector<HTMLInputElement>(`[data-row-${button.dataset["now"]}]`);
  if (!form || !video || !field) return;
  field.value = String(Math.round(video.currentTime * 10) / 10);
  draw(form);
});

// Before htmx takes the press and sends the form.
document.addEventListener(
  "click",
  (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-take-moment]") : null;
    const form = button?.closest("[data-compose]");
    const video = form && videoOf(form);
    const field = form?.querySelector<HTMLInputElement>("[data-poster-at]");
    if (video && field && video.currentTime > 0) field.value = String(Math.round(video.currentTime * 10) / 10);
  },
  { capture: true },
);

document.addEventListener("input", (event) => {
  const form = event.target instanceof Element && event.target.closest("[data-row]") ? event.target.closest("[data-compose]") : null;
  if (form) draw(form);
});

function begin(): void {
  for (const form of document.querySelectorAll("[data-compose]")) {
    if (!videoOf(form)) continue;
    form.querySelectorAll<HTMLElement>("[data-now]").forEach((button) => (button.hidden = false));
    draw(form);
  }
}

begin();
document.addEventListener("htmx:after:swap", begin);

export {};
