// Makes the clocks of `ui/countdown.html` tick. The server has already written how long is left; the moment it did
// so (`data-now`) corrects a device clock that is wrong.

const SECOND_MS = 1000;
const DAY_S = 86_400;

const clockErrors = new WeakMap<Element, number>();

// A page brought back by the back button tells an old `data-now`, so there the device is trusted.
const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
const isFresh = navigation?.type !== "back_forward";

function clockError(element: HTMLElement): number {
  let error = clockErrors.get(element);
  if (error === undefined) {
    const served = Date.parse(element.dataset["now"] ?? "");
    error = isFresh && Number.isFinite(served) ? served - Date.now() : 0;
    clockErrors.set(element, error);
  }
  return error;
}

export function formatClock(seconds: number): string {
  const hours = Math.floor((seconds % DAY_S) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return [hours, minutes, seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

function draw(element: HTMLTimeElement): void {
  const clock = element.querySelector("[data-clock]");
  const deadline = Date.parse(element.dateTime);
  if (!clock || !Number.isFinite(deadline) || element.classList.contains("is-over")) return;
  const left = Math.floor((deadline - Date.now() - clockError(element)) / SECOND_MS);
  if (left <= 0) {
    clock.textContent = element.dataset["ended"] ?? "";
    element.classList.add("is-over");
    element.dispatchEvent(new CustomEvent("countdown:ended", { bubbles: true }));
    return;
  }
  const days = Math.floor(left / DAY_S);
  const text = formatClock(left);
  const pattern = element.dataset["days"] ?? "{days} {clock}";
  clock.textContent = days > 0 ? pattern.replace("{days}", String(days)).replace("{clock}", text) : text;
}

function drawAll(): void {
  document.querySelectorAll<HTMLTimeElement>("time[data-countdown]").forEach(draw);
}

drawAll();
setInterval(drawAll, SECOND_MS);
document.addEventListener("htmx:after:swap", drawAll);
