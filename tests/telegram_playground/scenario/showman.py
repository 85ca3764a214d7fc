"""A bot that takes everything that people can do in the page, and says something to it."""

import json
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from typing import Any
from uuid import uuid4

TOKEN = "42:" + "A" * 35
KINDS = (
    *("message", "edited_message", "callback_query", "poll_answer", "inline_query", "chosen_inline_result"),
    *("guest_message", "pre_checkout_query", "message_reaction", "stopped_message_generation", "my_chat_member"),
    *("chat_member", "chat_join_request"),
)
SHOWN = (
    *("photo", "document", "voice", "audio", "video", "contact", "location", "dice", "poll"),
    *("new_chat_members", "web_app_data"),
)


def keys(*labels: str) -> Any:
    return {"inline_keyboard": [[{"text": label, "callback_data": f"{label}:{uuid4().hex}"} for label in labels]]}


class Refused(Exception):
    """What Telegram has refused."""


class Showman(threading.Thread):
    """Runs until its server is closed."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = f"{url}/bot{TOKEN}"
        self._albums: set[str] = set()
        self.ready = threading.Event()

    def call(self, method: str, **parameters: Any) -> Any:
        body, head = json.dumps(parameters).encode(), {"Content-Type": "application/json"}
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{self._url}/{method}", body, head)) as answer:
                return json.load(answer)["result"]
        except urllib.error.HTTPError as error:
            raise Refused(f"{method} {parameters}: {error.read().decode()}") from error

    def run(self) -> None:
        with suppress(OSError, HTTPException):  # the server is gone, in the middle of a call as it may be
            self._take_all()

    def _take_all(self) -> None:
        self.call("getUpdates", allowed_updates=KINDS)
        commands = [{"command": "secret", "description": "S", "is_ephemeral": True}]
        self.call("setMyCommands", commands=commands, scope={"type": "all_group_chats"})
        self.ready.set()
        offset = 0
        while True:
            for update in self.call("getUpdates", offset=offset, timeout=30):
                offset = update.pop("update_id") + 1
                ((kind, content),) = update.items()
                with suppress(Refused):  # as where the chat has gone meanwhile
                    getattr(self, f"_{kind}")(content)

    def say(self, chat_id: int, text: str, **more: Any) -> Any:
        return self.call("sendMessage", chat_id=chat_id, text=text, **more)

    def _grow(self, chat_id: int, words: str, **more: Any) -> None:
        sent = self.say(chat_id, "… ▌")
        for end in range(4, len(words) + 4, 4):
            cursor = "" if end >= len(words) else " ▌"
            more = more if not cursor else {}
            place = {"chat_id": chat_id, "message_id": sent["message_id"]}
            self.call("editMessageText", **place, text=words[:end] + cursor, **more)

    def _message(self, message: dict[str, Any]) -> None:
        chat, text, name = message["chat"]["id"], message.get("text", ""), message["from"]["first_name"]
        if "ephemeral_message_id" in message:
            self.say(chat, "Between us", reply_parameters={"ephemeral_message_id": message["ephemeral_message_id"]})
        elif text == "/menu":
            self.say(chat, "Choose {one}", reply_markup=keys("Same", "Other"))
            self.say(chat, "Choose {one}", reply_markup=keys("More", "Silent"))
        elif text == "/poll":
            options = [{"text": "a"}, {"text": "b"}]
            self.call("sendPoll", chat_id=chat, question="Which?", options=options, is_anonymous=False)
        elif text == "/grow":
            self._grow(chat, f"Once upon a time there was {name}. Their number was {message['from']['id']}.")
        elif text == "/sell":
            prices = [{"label": "x", "amount": 1}]
            invoice = {"title": "Tea", "description": "A cup", "payload": "tea", "currency": "XTR", "prices": prices}
            self.call("sendInvoice", chat_id=chat, **invoice)
        elif text == "/draft":
            self.call("sendMessageDraft", chat_id=chat, draft_id=uuid4().int % 1000 + 1, text="Hm", can_stop=True)
        elif text in ("/link", "/ask"):
            link = self.call("createChatInviteLink", chat_id=chat, creates_join_request=text == "/ask")
            self.say(chat, f"Come: {link['invite_link']}")
        elif text == "/invoice":
            prices = [{"label": "x", "amount": 2}]
            invoice = {"title": "Tea", "description": "A cup", "payload": "no", "currency": "XTR", "prices": prices}
            self.say(chat, f"Pay: {self.call('createInvoiceLink', **invoice)}")
        elif text == "/drop":
            self.say(chat, "Gone")
            self.call("deleteForumTopic", chat_id=chat, message_thread_id=message["message_thread_id"])
        elif text == "/topic":
            self.call("createForumTopic", chat_id=chat, name="From me")
            self.say(chat, "opened")
        elif "media_group_id" in message:
            if message["media_group_id"] not in self._albums:
                self._albums.add(message["media_group_id"])
                self.say(chat, "An album")
        elif "successful_payment" in message:
            self.say(chat, "Thank you")
        elif "forward_origin" in message:
            self.say(chat, f"Forwarded: {text}")
        elif "via_bot" in message:
            return
        elif shown := [each for each in SHOWN if each in message]:
            size = message.get("document", {}).get("file_size", "")
            self.say(chat, f"{shown[0]} {size} {message.get('caption', '')}".strip())
        elif text:
            replied = message.get("reply_to_message", {}).get("text", "")
            quote, topic = message.get("quote", {}).get("text", ""), message.get("message_thread_id")
            marks = " ".join(entity["type"] for entity in message.get("entities", []))
            self.say(chat, f"{text[:50]}|{replied}|{quote}|{marks}", message_thread_id=topic)

    def _edited_message(self, message: dict[str, Any]) -> None:
        self.say(message["chat"]["id"], f"Now: {message.get('text')}")

    def _callback_query(self, query: dict[str, Any]) -> None:
        word = query["data"].partition(":")[0]
        if word == "Silent":
            return
        self.call("answerCallbackQuery", callback_query_id=query["id"], text=f"{word} it is")
        if "message" not in query:
            place = {"inline_message_id": query["inline_message_id"]}
            self.call("editMessageText", **place, text=f"{word} by {query['from']['id']}")
        elif word == "More":
            message = query["message"]
            place = {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}
            self.call("editMessageText", **place, text="There is more", reply_markup=keys("Silent"))
        else:
            self.say(query["message"]["chat"]["id"], "Choose {one}")

    def _poll_answer(self, answer: dict[str, Any]) -> None:
        self.say(answer["user"]["id"], f"You chose {answer['option_ids']}")

    def _inline_query(self, query: dict[str, Any]) -> None:
        results = [
            {
                "type": "article",
                "id": uuid4().hex,
                "title": word,
                "input_message_content": {"message_text": f"{word} {query['query']}"},
                "reply_markup": keys("Again"),
            }
            for word in ("One", "Two")
        ]
        self.call("answerInlineQuery", inline_query_id=query["id"], results=results)

    def _chosen_inline_result(self, chosen: dict[str, Any]) -> None:
        place = {"inline_message_id": chosen["inline_message_id"], "reply_markup": keys("Again")}
        self.call("editMessageText", **place, text=f"Chosen: {chosen['query']}")

    def _guest_message(self, message: dict[str, Any]) -> None:
        content = {"message_text": "I am a guest"}
        result = {"type": "article", "id": "1", "title": "G", "input_message_content": content}
        self.call("answerGuestQuery", guest_query_id=message["guest_query_id"], result=result)

    def _pre_checkout_query(self, query: dict[str, Any]) -> None:
        agrees = query["invoice_payload"] != "no"
        more = {} if agrees else {"error_message": "Sold out"}
        self.call("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=agrees, **more)

    def _chat_join_request(self, asked: dict[str, Any]) -> None:
        self.call("approveChatJoinRequest", chat_id=asked["chat"]["id"], user_id=asked["from"]["id"])

    def _message_reaction(self, reaction: dict[str, Any]) -> None:
        self.say(reaction["chat"]["id"], f"You felt {[each.get('emoji') for each in reaction['new_reaction']]}")

    def _stopped_message_generation(self, stopped: dict[str, Any]) -> None:
        self.say(stopped["chat"]["id"], "Stopped")

    def _my_chat_member(self, changed: dict[str, Any]) -> None:
        if changed["chat"]["type"] != "private" and changed["new_chat_member"]["status"] == "member":
            self.say(changed["chat"]["id"], f"I am in {changed['chat']['title']}")

    def _chat_member(self, changed: dict[str, Any]) -> None:
        self.say(changed["chat"]["id"], f"{changed['new_chat_member']['status']}")
