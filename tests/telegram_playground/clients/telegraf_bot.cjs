// The dialogue with Telegraf: node telegraf_bot.cjs TOKEN URL.
const { Telegraf, Markup, Input } = require("telegraf");
const { message } = require("telegraf/filters");

const [token, url] = process.argv.slice(2);
const bot = new Telegraf(token, { telegram: { apiRoot: url } });
const forms = new Map();
const quoted = (ctx) => ({ reply_parameters: { message_id: ctx.message.message_id } });

bot.start((ctx) =>
  ctx.replyWithHTML(
    "<b>Choose</b>",
    Markup.inlineKeyboard([Markup.button.callback("red", "red"), Markup.button.callback("blue", "blue")]),
  ),
);
bot.on("callback_query", async (ctx) => {
  await ctx.answerCbQuery(`${ctx.callbackQuery.data}!`);
  await ctx.editMessageText(`You chose ${ctx.callbackQuery.data}`);
});
bot.command("form", async (ctx) => {
  forms.set(ctx.from.id, []);
  await ctx.reply("Your name?", quoted(ctx));
});
bot.on(message("document"), async (ctx) => {
  const link = await ctx.telegram.getFileLink(ctx.message.document.file_id);
  const data = Buffer.from(await (await fetch(link)).arrayBuffer()).reverse();
  await ctx.replyWithDocument(Input.fromBuffer(data, "reversed.txt"), { caption: "reversed" });
});
bot.on(message("text"), async (ctx) => {
  const form = forms.get(ctx.from.id);
  if (form === undefined) return ctx.reply(ctx.message.text);
  form.push(ctx.message.text);
  if (form.length === 1) return ctx.reply("Your age?", quoted(ctx));
  forms.delete(ctx.from.id);
  return ctx.reply(`${form[0]} is ${form[1]}`);
});
process.on("SIGTERM", () => bot.stop("SIGTERM"));
bot.launch();
