// Paying inside WeChat: its own browser takes the call that the page carries. Whatever it says became of it, our server
// asks the provider: nothing here is believed.

interface Bridge {
  invoke(name: string, call: unknown, done: (said: { err_msg?: string }) => void): void;
}

const place = document.querySelector<HTMLElement>("[data-wechat-call]");

function bridge(): Bridge | undefined {
  return (window as { WeixinJSBridge?: Bridge }).WeixinJSBridge;
}

async function ended(place: HTMLElement, said: string): Promise<void> {
  if (said === "get_brand_wcpay_request:ok") {
    location.assign(place.dataset["paid"] ?? "");
    return;
  }
  place.querySelector<HTMLElement>("[data-unpaid]")!.hidden = false;
  const answer = await fetch("?seen=1&asked=1", { headers: { "HX-Request": "true" } });
  const onward = answer.headers.get("HX-Redirect");
  if (onward) location.assign(onward);
}

function call(place: HTMLElement): void {
  const asked: unknown = JSON.parse(place.dataset["wechatCall"] ?? "{}");
  bridge()?.invoke("getBrandWCPayRequest", asked, (said) => void ended(place, said.err_msg ?? ""));
}

if (place) {
  place.querySelector("button")?.addEventListener("click", () => call(place));
  if (bridge()) call(place);
  else document.addEventListener("WeixinJSBridgeReady", () => call(place), { once: true });
}
