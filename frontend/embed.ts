// Inside a frame of another site: says how high the page is, so that the frame can be as high. Nothing else leaves it.

const page = document.querySelector<HTMLElement>("#main");

function tell(): void {
  if (page) parent.postMessage({ wuyou: "height", height: Math.ceil(page.getBoundingClientRect().height) }, "*");
}

if (page && parent !== window) {
  new ResizeObserver(tell).observe(page);
  addEventListener("load", tell);
}
