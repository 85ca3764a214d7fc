// The dialogue with grammY: node grammy_bot.cjs TOKEN URL.
const { Bot, InlineKeyboard, InputFile } = require("grammy");

const [token, url] = process.argv.slice(2);
const bot = new Bot(token, { client: { apiRoot: url } });
const forms = new Map();

bot.command("start", (ctx) =>
  ctx.reply("<b>Choose</b>", {
    parse_mode: "HTML",
    reply_markup: new InlineKeyboard().text("red", "red").text("blue", "blue"),
  }),
);
bot.on("callback_query:data", async (ctx) => {
  await ctx.answerCallbackQuery(`${ctx.callbackQuery.data}!`);
  await ctx.editMessageText(`You chose ${ctx.callbackQuery.data}`);
});
bot.command("form", async (ctx) => {
  forms.set(ctx.from.id, []);
  await ctx.reply("Your name?", { reply_parameters: { message_id: ctx.msg.message_id } });
});
bot.on("message:document", async (ctx) => {
  const file = await ctx.getFile();
  const response = await fetch(`${url}/file/bot${token}/${file.file_path}`);
  const data = Buffer.from(await response.arrayBuffer()).reverse();
  await ctx.replyWithDocument(new InputFile(data, "reversed.txt"), { caption: "reversed" });
});
bot.on("message:text", async (ctx) => {
  const form = forms.get(ctx.from.id);
  if (form === undefined) return ctx.reply(ctx.msg.text);
  form.push(ctx.msg.text);
  if (form.length === 1) return ctx.reply("Your age?", { reply_parameters: { message_id: ctx.msg.message_id } });
  forms.delete(ctx.from.id);
  return ctx.reply(`${form[0]} is ${form[1]}`);
});
process.on("SIGTERM", () => bot.stop());
bot.start();
