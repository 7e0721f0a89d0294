// The picker of whom something is open to: a name that was typed becomes somebody to tick, with their face. Without this
// script the names travel as they are typed, and the server reads them.

const ROW = ".audience__tick";

async function turnIntoPeople(field: HTMLInputElement): Promise<void> {
  const names = field.value.trim();
  const people = field.closest(".audience__side")?.querySelector("[data-audience-people]");
  if (!names || !people) return;
  const asked = new URLSearchParams({ names, name: field.dataset["name"] ?? "" });
  const answer = await fetch(`${field.dataset["href"] ?? ""}?${asked}`, { headers: { "X-Requested-With": "fetch" } });
  if (!answer.ok) return;
  const found = document.createElement("template");
  found.innerHTML = await answer.text();
  const unknown = found.content.querySelector("[data-unknown]")?.textContent ?? "";
  for (const row of found.content.querySelectorAll<HTMLElement>(ROW)) {
    const value = row.querySelector("input")?.value ?? "";
    const there = [...people.querySelectorAll("input")].find((each) => each.value === value);
    if (there) there.checked = true;
    else people.append(row);
  }
  // What nobody is called stays in the field, where it can be seen and mended; the server refuses it in words.
  field.value = unknown;
}

function fieldOf(event: Event): HTMLInputElement | null {
  return event.target instanceof HTMLInputElement && event.target.matches("[data-audience-names]") ? event.target : null;
}

document.addEventListener("change", (event) => {
  const field = fieldOf(event);
  if (field) void turnIntoPeople(field);
});

document.addEventListener("keydown", (event) => {
  const field = fieldOf(event);
  if (!field || event.isComposing || (event.key !== "Enter" && event.key !== ",")) return;
  event.preventDefault();
  void turnIntoPeople(field);
});
