"""Payments: an invoice that somebody pays, what the bot is asked before, and what was paid."""

from dataclasses import dataclass

from telegram_playground.protocol.wire import Json
from telegram_playground.world.people import User


def invoice_link(slug: str) -> str:
    """Return the link to an invoice."""
    return f"https://t.me/${slug}"


def slug_of(link: str) -> str:
    """Return by what the server knows the invoice of a link."""
    return link.rpartition("$")[2]


@dataclass(slots=True)
class Invoice:
    """What is sold; in Stars (XTR) or in the smallest units of a currency."""

    title: str
    description: str
    payload: str
    currency: str
    amount: int
    is_flexible: bool = False
    start_parameter: str = ""

    def json(self) -> Json:
        """Return the invoice as a message shows it."""
        return {
            "title": self.title,
            "description": self.description,
            "start_parameter": self.start_parameter,
            "currency": self.currency,
            "total_amount": self.amount,
        }


@dataclass(slots=True)
class Payment:
    """What somebody has paid."""

    id: str
    bot: int
    user: User
    invoice: Invoice
    date: int
    is_refunded: bool = False

    def json(self) -> Json:
        """Return it as SuccessfulPayment."""
        return {
            "currency": self.invoice.currency,
            "total_amount": self.invoice.amount,
            "invoice_payload": self.invoice.payload,
            "telegram_payment_charge_id": self.id,
            "provider_payment_charge_id": self.id if self.invoice.currency == "XTR" else f"provider_{self.id}",
        }

    def transactions(self) -> list[Json]:
        """Return what it has done to the bot's Stars, oldest first."""
        source = {"type": "user", "transaction_type": "invoice_payment", "user": self.user.json()}
        source["invoice_payload"] = self.invoice.payload
        common = {"id": self.id, "amount": self.invoice.amount, "date": self.date}
        paid = {**common, "source": source}
        return [paid, {**common, "receiver": source}] if self.is_refunded else [paid]
