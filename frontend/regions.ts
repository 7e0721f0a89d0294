// A region drawn on a picture: by pointer (mouse, pen, finger) or by keys, and sent as «left,top,width,height» in
// percent. Without this script the whole picture is meant.

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

interface Drag {
  kind: "draw" | "move" | "size";
  id: number;
  from: { x: number; y: number };
  was: Box;
}

const LEAST = 1;
const STEP = 1;
const FIRST: Box = { left: 35, top: 35, width: 30, height: 30 };
const MOVES: Record<string, [number, number]> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

const drags = new WeakMap<Element, Drag>();

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The same box inside the picture, in hundredths of a percent. */
function fitted(box: Box): Box {
  const width = within(box.width, LEAST, 100);
  const height = within(box.height, LEAST, 100);
  const left = round(within(box.left, 0, 100 - width));
  const top = round(within(box.top, 0, 100 - height));
  // Rounded, the two sides must not stick out by a hundredth.
  return { left, top, width: Math.min(round(width), round(100 - left)), height: Math.min(round(height), round(100 - top)) };
}

function fieldOf(region: Element): HTMLInputElement | null {
  return region.querySelector<HTMLInputElement>("input[name=region]");
}

function read(region: Element): Box | null {
  const sides = (fieldOf(region)?.value ?? "").split(",").map(Number);
  const [left, top, width, height] = sides;
  if (sides.length !== 4 || left === undefined || top === undefined || width === undefined || height === undefined) return null;
  return sides.every(Number.isFinite) ? fitted({ left, top, width, height }) : null;
}

function draw(region: Element, box: Box | null): void {
  const shown = region.querySelector<HTMLElement>("[data-region-box]");
  const clear = region.querySelector<HTMLElement>("[data-region-clear]");
  const field = fieldOf(region);
  if (!shown || !field) return;
  shown.hidden = box === null;
  if (clear) clear.hidden = box === null;
  if (box === null) return;
  shown.style.insetInlineStart = "auto";
  shown.style.left = `${box.left}%`;
  shown.style.top = `${box.top}%`;
  shown.style.width = `${box.width}%`;
  shown.style.height = `${box.height}%`;
}

function write(region: Element, box: Box | null): void {
  const field = fieldOf(region);
  if (!field) return;
  const fits = box && fitted(box);
  field.value = fits ? [fits.left, fits.top, fits.width, fits.height].join(",") : "";
  draw(region, fits);
}

function setDrawing(region: Element, drawing: boolean): void {
  region.classList.toggle("is-drawing", drawing);
  region.querySelector("[data-region-begin]")?.setAttribute("aria-pressed", String(drawing));
  const hint = region.querySelector<HTMLElement>("[data-region-hint]");
  if (hint) hint.hidden = !drawing;
}

/** Where the pointer is on the picture, in percent of its sides. */
function place(stage: Element, event: PointerEvent): { x: number; y: number } {
  const rect = stage.getBoundingClientRect();
  return {
    x: within(((event.clientX - rect.left) / rect.width) * 100, 0, 100),
    y: within(((event.clientY - rect.top) / rect.height) * 100, 0, 100),
  };
}

function dragged(drag: Drag, to: { x: number; y: number }): Box {
  const across = to.x - drag.from.x;
  const down = to.y - drag.from.y;
  const was = drag.was;
  if (drag.kind === "move") return { ...was, left: was.left + across, top: was.top + down };
  if (drag.kind === "size") {
    return {
      ...was,
      width: within(was.width + across, LEAST, 100 - was.left),
      height: within(was.height + down, LEAST, 100 - was.top),
    };
  }
  return {
    left: Math.min(drag.from.x, to.x),
    top: Math.min(drag.from.y, to.y),
    width: Math.abs(across),
    height: Math.abs(down),
  };
}

document.addEventListener("pointerdown", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const stage = target?.closest<HTMLElement>("[data-region-stage]");
  const region = stage?.closest("[data-region]");
  if (!target || !stage || !region?.classList.contains("is-drawing") || event.button !== 0) return;
  const from = place(stage, event);
  const was = read(region);
  const kind = target.closest("[data-region-grip]") ? "size" : target.closest("[data-region-box]") ? "move" : "draw";
  drags.set(stage, { kind: was ? kind : "draw", id: event.pointerId, from, was: was ?? FIRST });
  stage.setPointerCapture(event.pointerId);
  event.preventDefault();
});

document.addEventListener("pointermove", (event) => {
  const stage = event.target instanceof Element ? event.target.closest("[data-region-stage]") : null;
  const region = stage?.closest("[data-region]");
  const drag = stage && drags.get(stage);
  if (!stage || !region || !drag || drag.id !== event.pointerId) return;
  const to = place(stage, event);
  // A tap that trembles draws nothing.
  if (drag.kind === "draw" && Math.max(Math.abs(to.x - drag.from.x), Math.abs(to.y - drag.from.y)) < LEAST) return;
  write(region, dragged(drag, to));
});

for (const end of ["pointerup", "pointercancel"] as const) {
  document.addEventListener(end, (event) => {
    const stage = event.target instanceof Element ? event.target.closest("[data-region-stage]") : null;
    if (!stage || drags.get(stage)?.id !== event.pointerId) return;
    drags.delete(stage);
    stage.closest("[data-region]")?.querySelector<HTMLElement>("[data-region-box]:not([hidden])")?.focus();
  });
}

document.addEventListener("keydown", (event) => {
  const box = event.target instanceof Element ? event.target.closest("[data-region-box]") : null;
  const region = box?.closest("[data-region]");
  const now = region && read(region);
  if (!region || !now) return;
  const move = MOVES[event.key];
  if (move) {
    const [across, down] = move;
    write(region, event.shiftKey
      ? { ...now, width: within(now.width + across, LEAST, 100 - now.left), height: within(now.height + down, LEAST, 100 - now.top) }
      : { ...now, left: now.left + across, top: now.top + down });
  } else if (event.key === "Delete" || event.key === "Backspace") {
    clear(region);
  } else return;
  event.preventDefault();
});

function clear(region: Element): void {
  write(region, null);
  setDrawing(region, false);
  region.querySelector<HTMLElement>("[data-region-begin]")?.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-region-begin], [data-region-clear]") : null;
  const region = button?.closest("[data-region]");
  if (!button || !region) return;
  if (button.matches("[data-region-clear]")) {
    clear(region);
    return;
  }
  const drawing = !region.classList.contains("is-drawing");
  setDrawing(region, drawing);
  if (!drawing) return;
  if (!read(region)) write(region, FIRST);
  region.querySelector<HTMLElement>("[data-region-box]")?.focus();
});

document.addEventListener("input", (event) => {
  const region = event.target instanceof Element && event.target.matches("input[name=region]")
    ? event.target.closest("[data-region]")
    : null;
  if (region) draw(region, read(region));
});

function begin(): void {
  for (const region of document.querySelectorAll("[data-region]")) {
    region.querySelector<HTMLElement>("[data-region-tools]")?.removeAttribute("hidden");
    draw(region, read(region));
  }
}

begin();
document.addEventListener("htmx:after:swap", begin);

export {};
