// How a bot is pointed at this server, in the words of its library.

import { tabs } from "../look/dialog.js";
import { apart, div, el } from "../look/element.js";
import { copy } from "../look/toast.js";
import { save, saved, t } from "../words.js";

const TOKEN = "123:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const address = () => location.href.replace(/[?#].*$/, "").replace(/\/$/, "");

const LIBRARIES = {
  "aiogram": (url) => `session = AiohttpSession(api=TelegramAPIServer.from_base("${url}"))\nbot = Bot("${TOKEN}", session=session)`,
  "python-telegram-bot": (url) => `builder = Application.builder().token("${TOKEN}")\n` +
    `application = builder.base_url("${url}/bot").base_file_url("${url}/file/bot").build()`,
  "telebot": (url) => `apihelper.API_URL = "${url}/bot{0}/{1}"\napihelper.FILE_URL = "${url}/file/bot{0}/{1}"\nbot = TeleBot("${TOKEN}")`,
  "grammY": (url) => `const bot = new Bot("${TOKEN}", { client: { apiRoot: "${url}" } });`,
  "Telegraf": (url) => `const bot = new Telegraf("${TOKEN}", { telegram: { apiRoot: "${url}" } });`,
  "curl": (url) => `curl "${url}/bot${TOKEN}/getMe"`,
  "Deltagram": (url) => `TELEGRAM_API_URL=${url}\nBOT_TOKEN=${TOKEN}`,
};

/** The words for the library that the reader chose last, and a button that copies them. */
export function connectNode() {
  const box = el("div", { class: "tabs", role: "tablist", "aria-label": t("library") });
  const code = el("pre", { class: "json", tabindex: "0" });
  const choose = (name) => {
    tabs(box, Object.keys(LIBRARIES), name, (one) => { save("library", one); choose(one); }, { words: (one) => one });
    code.textContent = LIBRARIES[name](address());
  };
  choose(Object.hasOwn(LIBRARIES, saved("library") ?? "") ? saved("library") : "aiogram");
  const button = el("button", { type: "button", class: "button slim", onclick: () => copy(code.textContent) }, t("copy"));
  return div("connect", ...apart(box, code, button));
}
