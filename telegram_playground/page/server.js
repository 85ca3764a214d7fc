// The server: commands, and the stream of events, which is connected again when it was lost.

import { byId } from "./look/element.js";
import { toast } from "./look/toast.js";
import { t } from "./words.js";

export const at = (path) => new URL(`playground/${path}`, location.href);

export async function command(name, parameters = {}) {
  const body = JSON.stringify(parameters);
  return result(await fetch(at(name), { method: "POST", headers: { "Content-Type": "application/json" }, body }));
}

export async function result(response) {
  const answer = await response.json();
  if (!answer.ok) throw new Error(answer.description);
  return answer.result;
}

/** Do something that may fail; the reader is told. Returns null then. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(error.message, "bad");
    return null;
  }
}

export const set = (values) => attempt(() => command("set", values));
let patience = 300;  // milliseconds before the next try to connect

/** Connect, and tell `happened` of every event. */
export function connect(happened) {
  const address = at("events");
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  socket.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (event.type === "snapshot") welcomeBack();
    happened(event);
  };
  socket.onclose = () => {
    showBanner(t("lost"));
    setTimeout(() => connect(happened), patience);
    patience = Math.min(2 * patience, 5000);
  };
}

function welcomeBack() {
  patience = 300;
  showBanner("");
}

function showBanner(words) {
  const banner = byId("banner");
  banner.hidden = !words;
  banner.textContent = words;
}
