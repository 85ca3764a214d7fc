// An inline query: what is typed after a bot's name, what the bot offers for it, and the choice of that.

import { closeCompletion, offer } from "./completion.js";
import { ends, queue } from "./write.js";
import { field } from "../look/element.js";
import { bots, state } from "../model/state.js";
import { attempt, command } from "../server.js";

const PAUSE_MS = 300;  // one query for each pause of who types
const WAIT_S = 10;  // for what the bot offers
const NONE = -1;  // of what is offered: Enter sends the words as they are, until a key or the mouse chooses

let timer = 0, asked = null;  // the words of the last query
let lead = () => {};

/** Have what a bot's button above its results says be done: the private chat is opened, and begun with a parameter. */
export function leadsBy(act) {
  lead = act;
}

/** Ask a bot for what is typed after its name; false where nothing is. */
export function askInline() {
  const query = state.context?.kind === "edit" ? null : queryIn(field.value);
  if (!query) return leaveInline();
  if (asked === field.value) return true;
  leaveInline();
  closeCompletion();
  asked = field.value;
  timer = setTimeout(() => attempt(() => ask(query)), PAUSE_MS);
  return true;
}

/** Ask nothing any more, and offer nothing that comes now. */
export function leaveInline() {
  clearTimeout(timer);
  asked = null;
  return false;
}

/** The bot that is named at the beginning, and the words after it. */
function queryIn(words) {
  const match = /^@(\w+)\s([^]*)$/.exec(words), name = match?.[1].toLowerCase();
  const bot = match && [...bots.values()].find((one) => one.supports_inline_queries && one.username?.toLowerCase() === name);
  return bot ? { bot, words: match[2] } : null;
}

async function ask({ bot, words }) {
  const typed = asked, { chat, user, topic } = ends();
  const answer = await command("inline", { chat, user, bot: bot.id, query: words, wait: WAIT_S });
  if (typed !== asked || field.value !== typed || state.open.chat !== chat || document.activeElement !== field) return;
  const { inline_query_id, results, button } = answer;
  const send = (result) => () => { empty(); queue(() => command("choose", { chat, user, topic, inline_query_id, result_id: result.id })); };
  const line = (result) => ({ title: result.title ?? result.type, note: result.description ?? "", user: bot, act: send(result) });
  const leads = button ? [{ title: button.text, note: "", user: bot, act: () => { empty(); attempt(() => lead(bot, user, button.start_parameter)); } }] : [];
  offer([...leads, ...(results ?? []).map(line)], NONE);
}

function empty() {
  leaveInline();
  field.value = "";
}
