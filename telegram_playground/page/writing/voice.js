// Recording a voice message.

import { oggOf } from "./ogg.js";
import { sendFile } from "./files.js";
import { ends, fit, queue } from "./write.js";
import { apart, byId, field, iconButton, span } from "../look/element.js";
import { length } from "../look/figures.js";
import { state } from "../model/state.js";
import { attempt } from "../server.js";
import { t } from "../words.js";

const TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus"];
let recorder = null, timer = 0, begun = 0;

/** Begin to record or, while it goes on, end it and send what was said. */
export async function toggleVoice() {
  if (recorder) return recorder.stop();
  const type = TYPES.find((one) => window.MediaRecorder?.isTypeSupported(one));
  const stream = await attempt(() => {
    if (!navigator.mediaDevices || !type) throw new Error(t("no_microphone"));
    return navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => { throw new Error(t("no_microphone")); });
  });
  if (!stream || recorder) return;
  const to = ends(), now = state.context, said = [];
  recorder = new MediaRecorder(stream, { mimeType: type });
  recorder.ondataavailable = ({ data }) => said.push(data);
  recorder.onstop = () => {
    const wanted = recorder !== null;
    end(stream);
    if (wanted) queue(async () => sendFile(to, { file: await voiceOf(said, type), kind: "voice" }, { text: "" }, now));
  };
  recorder.start();
  begun = Date.now();
  timer = setInterval(paintVoice, 500);
  paintVoice();
}

/** Throw away what is being recorded; false: nothing is. */
export function cancelVoice() {
  if (!recorder) return false;
  const given = recorder;
  recorder = null;
  given.stop();
  return true;
}

function end(stream) {
  for (const track of stream.getTracks()) track.stop();
  clearInterval(timer);
  recorder = null;
  paintVoice();
  field.focus();
}

async function voiceOf(said, type) {
  const blob = new Blob(said, { type });
  const ogg = type.startsWith("audio/ogg") ? blob : oggOf(new Uint8Array(await blob.arrayBuffer()));
  return new File([ogg], "voice.ogg", { type: "audio/ogg" });
}

function paintVoice() {
  const strip = byId("recording"), button = byId("voice");
  strip.hidden = !recorder;
  button.setAttribute("aria-pressed", String(Boolean(recorder)));
  if (recorder && !strip.childElementCount) {
    strip.append(...apart(span("grow", t("recording")), span("figure"), iconButton("close", t("cancel"), cancelVoice)));
  }
  if (!recorder) strip.replaceChildren();
  else strip.querySelector(".figure").textContent = length((Date.now() - begun) / 1000);
  fit();
}
