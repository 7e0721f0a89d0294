// A form that changes something is sent once; quantity steppers step.

const SENDING = "is-busy";

function release(form: HTMLFormElement): void {
  delete form.dataset["sending"];
  form.querySelectorAll(`.${SENDING}`).forEach((button) => button.classList.remove(SENDING));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
  if (form.dataset["sending"] !== undefined) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset["sending"] = "";
  // The button keeps its name and value in the form, so it is dimmed rather than disabled.
  event.submitter?.classList.add(SENDING);
}, { capture: true });

document.addEventListener("htmx:finally:request", (event) => {
  const form = event.target instanceof Element ? event.target.closest("form") : null;
  if (form) release(form);
});

// Coming back to a page that the browser kept: its forms may be sent again.
addEventListener("pageshow", () => document.querySelectorAll<HTMLFormElement>("form[data-sending]").forEach(release));

// A file that was chosen is sent at once, where the form says so.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (input instanceof HTMLInputElement && input.matches("[data-send]") && input.files?.length) input.form?.requestSubmit();
});

function markBounds(stepper: Element): void {
  const input = stepper.querySelector("input");
  if (!input) return;
  for (const button of stepper.querySelectorAll<HTMLButtonElement>("[data-step]")) {
    const bound = button.dataset["step"] === "1" ? input.max : input.min;
    button.disabled = bound !== "" && Number(input.value) === Number(bound);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("[data-step]") : null;
  const stepper = button?.closest("[data-stepper]");
  const input = stepper?.querySelector("input");
  if (!button || !stepper || !input) return;
  if (button.dataset["step"] === "1") input.stepUp();
  else input.stepDown();
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("change", (event) => {
  const stepper = event.target instanceof Element ? event.target.closest("[data-stepper]") : null;
  if (stepper) markBounds(stepper);
});

function markAll(): void {
  document.querySelectorAll("[data-stepper]").forEach(markBounds);
}

markAll();
document.addEventListener("htmx:after:swap", markAll);
