// Where a message is forwarded to.

import { openChat } from "../chat/open.js";
import { closeButton, labelled, openDialog, option, strongButton } from "../look/dialog.js";
import { el } from "../look/element.js";
import { chatOf, meIn, personsOf, titleOf } from "../model/chats.js";
import { chats } from "../model/state.js";
import { command } from "../server.js";
import { t } from "../words.js";

export function openForward(message) {
  const from = chatOf(), me = meIn(from)?.id;
  const mine = [...chats.values()].filter((chat) => !chat.migrated_to && personsOf(chat).some((user) => user.id === me));
  const to = el("select", {}, ...mine.map((chat) => option(chat.key, titleOf(chat), chat.key === from.key)));
  const comment = el("input", { maxlength: 4096 });
  const send = async () => {
    const words = comment.value.trim() ? { comment: comment.value } : {};
    await command("forward", { chat: to.value, user: me, from: from.key, message_ids: [message.message_id], ...words });
    openChat(to.value);
  };
  const fields = [labelled(t("forward_to"), to), labelled(t("comment"), comment)];
  openDialog(t("forward"), fields, [closeButton(t("cancel")), strongButton(t("forward"))], send);
  to.focus();
}
