// The composer: what a post points at is placed on its pictures by pointer (mouse, pen, finger) or by keys. The fields of
// each row hold the truth, in percent; without this script they are filled in by hand.

const STEP = 1;
const MOVES: Record<string, [number, number]> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

interface Fields {
  photo: HTMLSelectElement;
  x: HTMLInputElement;
  y: HTMLInputElement;
}

function fieldsOf(row: Element): Fields | null {
  const photo = row.querySelector<HTMLSelectElement>("[data-row-photo]");
  const x = row.querySelector<HTMLInputElement>("[data-row-x]");
  const y = row.querySelector<HTMLInputElement>("[data-row-y]");
  return photo && x && y ? { photo, x, y } : null;
}

function within(value: number): number {
  return Math.min(Math.max(Math.round(value * 10) / 10, 0), 100);
}

/** The row whose thing is placed by the next tap: the one that was touched last, else the first without a place. */
function activeRow(form: Element): Element | null {
  const rows = [...form.querySelectorAll("[data-row]")];
  return rows.find((row) => row.classList.contains("is-active"))
    ?? rows.find((row) => fieldsOf(row)?.x.value === "")
    ?? rows.at(-1)
    ?? null;
}

function activate(row: Element): void {
  row.closest("[data-compose]")?.querySelectorAll("[data-row]").forEach((each) => each.classList.toggle("is-active", each === row));
}

function draw(form: Element): void {
  form.querySelectorAll("[data-dot]").forEach((dot) => dot.remove());
  for (const row of form.querySelectorAll<HTMLElement>("[data-row]")) {
    const fields = fieldsOf(row);
    if (!fields || fields.photo.value === "" || fields.x.value === "" || fields.y.value === "") continue;
    const stage = form.querySelector(`[data-stage="${CSS.escape(fields.photo.value)}"]`);
    if (!stage) continue;
    const dot = document.createElement("button");
    dot.type = "button";
    dot.className = "stage__dot";
    dot.dataset["dot"] = row.dataset["row"] ?? "";
    dot.textContent = String(Number(row.dataset["row"]) + 1);
    dot.ariaLabel = row.querySelector(".compose__title")?.textContent?.trim() ?? "";
    dot.style.left = `${within(Number(fields.x.value))}%`;
    dot.style.top = `${within(Number(fields.y.value))}%`;
    stage.append(dot);
  }
}

function put(row: Element, stage: HTMLElement, x: number, y: number): void {
  const fields = fieldsOf(row);
  const form = row.closest("[data-compose]");
  if (!fields || !form) return;
  fields.photo.value = stage.dataset["stage"] ?? "";
  fields.x.value = String(within(x));
  fields.y.value = String(within(y));
  activate(row);
  draw(form);
}

function place(stage: Element, event: PointerEvent | MouseEvent): { x: number; y: number } {
  const rect = stage.getBoundingClientRect();
  return { x: ((event.clientX - rect.left) / rect.width) * 100, y: ((event.clientY - rect.top) / rect.height) * 100 };
}

function rowOf(dot: HTMLElement): Element | null {
  return dot.closest("[data-compose]")?.querySelector(`[data-row="${CSS.escape(dot.dataset["dot"] ?? "")}"]`) ?? null;
}

function dotIn(event: Event): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>("[data-dot]") : null;
}

let dragging: { row: Element; stage: HTMLElement; id: number } | null = null;

document.addEventListener("pointerdown", (event) => {
  const dot = dotIn(event);
  const stage = dot?.closest<HTMLElement>("[data-stage]");
  const row = dot && rowOf(dot);
  if (!dot || !stage || !row || event.button !== 0) return;
  dragging = { row, stage, id: event.pointerId };
  stage.setPointerCapture(event.pointerId);
  event.preventDefault();
});

document.addEventListener("pointermove", (event) => {
  if (!dragging || dragging.id !== event.pointerId) return;
  const { x, y } = place(dragging.stage, event);
  put(dragging.row, dragging.stage, x, y);
});

for (const end of ["pointerup", "pointercancel"] as const) {
  document.addEventListener(end, (event) => {
    if (!dragging || dragging.id !== event.pointerId) return;
    const { row, stage } = dragging;
    activate(row);
    stage.querySelector<HTMLElement>(`[data-dot="${CSS.escape((row as HTMLElement).dataset["row"] ?? "")}"]`)?.focus();
    // The click that follows places nothing.
    setTimeout(() => { dragging = null; });
  });
}

document.addEventListener("click", (event) => {
  const stage = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-stage]") : null;
  const form = stage?.closest("[data-compose]");
  const row = form && activeRow(form);
  if (!stage || !row || dragging || dotIn(event)) return;
  const { x, y } = place(stage, event);
  put(row, stage, x, y);
});

document.addEventListener("keydown", (event) => {
  const dot = dotIn(event);
  const stage = dot?.closest<HTMLElement>("[data-stage]");
  const row = dot && rowOf(dot);
  const fields = row && fieldsOf(row);
  const move = MOVES[event.key];
  if (dot && stage && row && fields && move) {
    put(row, stage, Number(fields.x.value) + move[0], Number(fields.y.value) + move[1]);
    stage.querySelector<HTMLElement>(`[data-dot="${CSS.escape(dot.dataset["dot"] ?? "")}"]`)?.focus();
    event.preventDefault();
    return;
  }
  // Enter in the field that looks for things looks, and publishes nothing.
  if (event.key === "Enter" && !event.isComposing && event.target instanceof Element && event.target.matches("[data-compose-find]")) {
    event.preventDefault();
    event.target.closest(".compose__find")?.querySelector<HTMLElement>("button")?.click();
  }
});

document.addEventListener("focusin", (event) => {
  const row = event.target instanceof Element ? event.target.closest("[data-row]") : null;
  if (row) activate(row);
});

document.addEventListener("input", (event) => {
  const form = event.target instanceof Element && event.target.closest("[data-row]") ? event.target.closest("[data-compose]") : null;
  if (form) draw(form);
});

function begin(): void {
  for (const form of document.querySelectorAll("[data-compose]")) {
    form.classList.add("is-placing");
    form.querySelectorAll("[data-stage-still]").forEach((still) => still.remove());
    form.querySelector("[data-compose-hint]")?.removeAttribute("hidden");
    const row = activeRow(form);
    if (row) activate(row);
    draw(form);
  }
}

begin();
document.addEventListener("htmx:after:swap", begin);

export {};
