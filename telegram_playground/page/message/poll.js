// A poll, and the votes of who reads it.

import { apart, clickable, div, el, span } from "../look/element.js";
import { chatOf, meIn } from "../model/chats.js";
import { attempt, command } from "../server.js";
import { t } from "../words.js";

const voted = new Map();  // chat/user/message -> the options chosen here

export function pollNodes(message) {
  const { poll } = message, chat = chatOf(), me = meIn(chat)?.id, name = `${chat.key}/${me}/${message.message_id}`;
  const mine = voted.get(name) ?? [], total = Math.max(poll.total_voter_count, 1);
  const choose = (number) => {
    const others = poll.allows_multiple_answers ? mine.filter((one) => one !== number) : [];
    return mine.includes(number) ? others : [...others, number];
  };
  const send = async (options) => {
    voted.set(name, options);  // before the votes are told: that draws the poll anew
    const done = await attempt(() => command("vote", { chat: chat.key, user: me, message_id: message.message_id, options }));
    if (!done) voted.set(name, mine);
  };
  const line = ({ text, voter_count: count }, number) => {
    const key = clickable("vote", () => send(choose(number)), ...apart(span("grow", text), span("dim", `${Math.round((100 * count) / total)} %`)));
    key.setAttribute("aria-pressed", String(mine.includes(number)));
    key.disabled = poll.is_closed || !me;
    return key;
  };
  const further = poll.description ? [div("", poll.description)] : [];
  return [el("b", {}, poll.question), ...further, ...poll.options.map(line), div("dim", t("votes", { n: poll.total_voter_count }))];
}
