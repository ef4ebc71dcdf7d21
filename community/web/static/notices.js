// Lets this browser be told that there is news, when its owner presses the button, and not before.
const section = document.querySelector("#push");
const csrf = document.querySelector("meta[name=csrf-token]")?.content ?? "";
const WORKER = "/news-worker.js";

const part = (name) => section.querySelector(`.${name}`);
const show = (name, on) => part(name)?.toggleAttribute("hidden", !on);

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (text.length % 4)) % 4));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

async function call(method, body) {
  const answer = await fetch("/api/v1/me/push", {
    method, headers: { "content-type": "application/json", "x-csrf-token": csrf }, body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(String(answer.status));
}

async function current() {
  const registration = await navigator.serviceWorker.getRegistration(WORKER);
  return registration ? registration.pushManager.getSubscription() : null;
}

async function begin() {
  if ((await Notification.requestPermission()) !== "granted") throw new Error("refused");
  const registration = await navigator.serviceWorker.register(WORKER);
  const key = bytes(section.dataset.key);
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = subscription.toJSON();
  await call("POST", { endpoint, keys });
}

async function end() {
  const subscription = await current();
  if (!subscription) return;
  await call("DELETE", { endpoint: subscription.endpoint });
  await subscription.unsubscribe();
}

async function look() {
  const told = Boolean(await current());
  show("on", !told);
  show("stop", told);
}

async function act(what) {
  show("refused", false);
  try {
    await what();
  } catch {
    show("refused", true);
  }
  await look();
}

if (section && section.dataset.key && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  part("on").addEventListener("click", () => act(begin));
  part("stop").addEventListener("click", () => act(end));
  look();
} else if (section) {
  show("off", false);
  show("none", true);
}
