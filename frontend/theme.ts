// Changes the theme at once and remembers it in the cookie that the server reads on the next page.

const YEAR_S = 365 * 24 * 3600;

document.addEventListener("submit", (event) => {
  const form = event.target;
  const theme = event.submitter instanceof HTMLButtonElement ? event.submitter.value : "";
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-theme-switch]") || !theme) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  document.documentElement.dataset["theme"] = theme;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`;
}, { capture: true });
