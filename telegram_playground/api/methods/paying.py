"""Methods about payments, in Stars and in money; nobody pays anything."""

from telegram_playground.api.context import Context
from telegram_playground.api.keyboards import markup_json
from telegram_playground.api.methods.sending import send
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.world.payments import Invoice, invoice_link

_MAX_TITLE, _MAX_DESCRIPTION, _MAX_PAYLOAD_BYTES = 32, 255, 128  # core.telegram.org/bots/api#sendinvoice
_STARS = "XTR"
_MAX_AMOUNT = 1 << 50


async def send_invoice(context: Context, method: Values) -> Json:
    """Offer something for sale."""
    invoice = invoice_of(method)
    markup = markup_json(method.reply_markup, inline=True)
    if markup and not markup["inline_keyboard"][0][0].get("pay"):
        raise bad_request("first button must be a pay button")
    sent = await send(context, method, lambda: {"invoice": invoice.json()})
    context.world.invoices[context.writable(method.chat_id).key, sent["message_id"]] = invoice
    return sent


async def create_invoice_link(context: Context, method: Values) -> str:
    """Return a link by which an invoice can be paid."""
    invoice = invoice_of(method)
    slug = f"{context.world.random.randrange(16**16):016x}"
    context.world.invoice_links[slug] = context.bot.id, invoice
    return invoice_link(slug)


async def answer_pre_checkout_query(context: Context, method: Values) -> bool:
    """Let a payment go on, or say why not."""
    if not method.ok and not method.error_message:
        raise bad_request("error message can't be empty")
    answer = {"ok": method.ok, "error_message": method.error_message or ""}
    context.queries.answer("pre_checkout", context.bot, method.pre_checkout_query_id, answer)
    return True


async def answer_shipping_query(context: Context, method: Values) -> bool:
    """Say what delivery costs, or why there is none."""
    if method.ok and not method.shipping_options:
        raise bad_request("there is no shipping_options in the request")
    if not method.ok and not method.error_message:
        raise bad_request("error message can't be empty")
    options = [option.json() for option in method.shipping_options or ()]
    answer = {"ok": method.ok, "options": options, "error_message": method.error_message or ""}
    context.queries.answer("shipping", context.bot, method.shipping_query_id, answer)
    return True


async def refund_star_payment(context: Context, method: Values) -> bool:
    """Give Stars back."""
    user = context.known_user(method.user_id)
    payment = context.world.payments.get(method.telegram_payment_charge_id)
    if payment is None or payment.bot != context.bot.id or payment.user is not user:
        raise bad_request("CHARGE_NOT_FOUND")
    if payment.invoice.currency != _STARS:
        raise bad_request("CHARGE_NOT_FOUND")
    if payment.is_refunded:
        raise bad_request("CHARGE_ALREADY_REFUNDED")
    payment.is_refunded = True
    chat = context.world.private(user, context.bot)
    refund = payment.json()
    del refund["provider_payment_charge_id"]
    told = context.world.post(chat, context.bot.user, {"refunded_payment": refund})
    context.bot.updates.add("message", told.json())  # the bot hears of it too, as other people's bots rely on
    return True


async def get_my_star_balance(context: Context, method: Values) -> Json:
    """Return how many Stars the bot has."""
    payments = [each for each in context.world.payments.values() if each.bot == context.bot.id and not each.is_refunded]
    return {"amount": sum(each.invoice.amount for each in payments if each.invoice.currency == _STARS)}


async def get_star_transactions(context: Context, method: Values) -> Json:
    """Return what came in and went out, oldest first."""
    limit = 100 if method.limit is None else method.limit
    if not 1 <= limit <= 100 or (method.offset or 0) < 0:
        raise bad_request("invalid limit or offset specified")
    mine = [each for each in context.world.payments.values() if each.bot == context.bot.id]
    transactions = [one for each in mine if each.invoice.currency == _STARS for one in each.transactions()]
    return {"transactions": transactions[method.offset or 0 :][:limit]}


def invoice_of(method: Values) -> Invoice:
    """Return a checked invoice; raises ApiError."""
    if not 1 <= len(method.title.strip()) <= _MAX_TITLE:
        raise bad_request("invoice title must be a text of 1 to 32 characters")
    if not 1 <= len(method.description.strip()) <= _MAX_DESCRIPTION:
        raise bad_request("invoice description must be a text of 1 to 255 characters")
    if not 1 <= len(method.payload.encode()) <= _MAX_PAYLOAD_BYTES:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    if len(method.currency) != 3 or not method.currency.isascii() or not method.currency.isalpha():
        raise bad_request("CURRENCY_INVALID")
    if method.currency == _STARS and len(method.prices) != 1:
        raise bad_request("STARS_INVOICE_INVALID")
    if method.currency != _STARS and not method.provider_token:
        raise bad_request("PAYMENT_PROVIDER_INVALID")
    amount = sum(price.amount for price in method.prices)
    if not method.prices or not 0 < amount < _MAX_AMOUNT:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    return Invoice(
        method.title,
        method.description,
        method.payload,
        method.currency,
        amount,
        is_flexible=bool(method.is_flexible),
        start_parameter=getattr(method, "start_parameter", None) or "",
    )


METHODS = {
    "sendInvoice": send_invoice,
    "createInvoiceLink": create_invoice_link,
    "answerPreCheckoutQuery": answer_pre_checkout_query,
    "answerShippingQuery": answer_shipping_query,
    "refundStarPayment": refund_star_payment,
    "getMyStarBalance": get_my_star_balance,
    "getStarTransactions": get_star_transactions,
}
