// The looking glass.

import { toBottom } from "../chat/scroll.js";
import { paintCalls } from "./calls.js";
import { paintLint } from "./lint.js";
import { paintLimits } from "./limits.js";
import { paintTrouble } from "./trouble.js";
import { tabs } from "../look/dialog.js";
import { app, byId, pane } from "../look/element.js";
import { chatOf } from "../model/chats.js";
import { state } from "../model/state.js";

const TABS = ["calls", "lint", "limits", "trouble"];
export let lastTab = "calls";

export function openGlass(name) {
  state.glassTab = name;
  lastTab = name ?? lastTab;
  byId("glass").hidden = !name;
  app.classList.toggle("looking", Boolean(name));
  byId("look").setAttribute("aria-pressed", String(Boolean(name)));
  paintGlass();
  if (state.stuck && chatOf()) toBottom();
}

export function paintGlass() {
  if (!state.glassTab) return;
  const more = (name) => ({ id: `tab-${name}`, "aria-controls": "pane" });
  tabs(byId("tabs"), TABS, state.glassTab, openGlass, { more });
  pane.setAttribute("aria-labelledby", `tab-${state.glassTab}`);
  ({ calls: paintCalls, lint: paintLint, limits: paintLimits, trouble: paintTrouble })[state.glassTab]();
}
