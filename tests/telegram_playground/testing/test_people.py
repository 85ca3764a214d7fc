"""The parts of the plug-in, without pytest around them."""

import time
from statistics import median

from telegram_playground.testing import People, ServerThread

TOKEN = "42:" + "A" * 35


def test_a_reset_between_two_tests_takes_less_than_five_milliseconds() -> None:
    took = []
    with ServerThread() as server, People(server.url) as people:
        for number in range(15):
            ann = people.add_user(f"Ann {number}")
            chat = people.private(ann, people.bot(TOKEN))
            for _ in range(20):
                people.write(chat, ann, "hello")
            began = time.process_time()
            people.reset()
            took.append(time.process_time() - began)

        assert people.command("state")["chats"] == []

    assert median(took) < 0.005  # of the processor, both sides: others may use the machine
