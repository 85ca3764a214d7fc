"""Who may use the bot."""

import pytest

from bot.intake.people.access import Rules, allowed

ANN, BOB, GROUP, OTHER_GROUP = 11, 12, -1001, -1002


def test_a_stranger_stays_out() -> None:
    assert not allowed(Rules(), ANN, ANN)


def test_an_open_bot_lets_everybody_in() -> None:
    assert allowed(Rules(everybody=True), ANN, ANN)


def test_a_listed_person_is_let_in_everywhere() -> None:
    rules = Rules(let_in=frozenset({ANN}))

    assert allowed(rules, ANN, ANN)
    assert allowed(rules, ANN, GROUP)
    assert not allowed(rules, BOB, GROUP)


def test_a_listed_chat_lets_in_everybody_who_writes_in_it() -> None:
    rules = Rules(let_in=frozenset({GROUP}))

    assert allowed(rules, ANN, GROUP)
    assert allowed(rules, BOB, GROUP)
    assert not allowed(rules, ANN, ANN)
    assert not allowed(rules, ANN, OTHER_GROUP)


@pytest.mark.parametrize("everybody", [False, True])
def test_who_is_kept_out_stays_out_even_in_a_listed_chat(everybody: bool) -> None:
    rules = Rules(everybody=everybody, let_in=frozenset({GROUP}), kept_out=frozenset({ANN}))

    assert not allowed(rules, ANN, GROUP)
    assert not allowed(rules, ANN, ANN)
    assert allowed(rules, BOB, GROUP)


def test_a_listed_person_is_let_in_where_the_chat_is_kept_out() -> None:
    rules = Rules(let_in=frozenset({ANN}), kept_out=frozenset({GROUP}))

    assert allowed(rules, ANN, GROUP)
    assert not allowed(rules, BOB, GROUP)


def test_out_again_counts_more_than_the_list_in_the_configuration() -> None:
    assert not allowed(Rules(let_in=frozenset({ANN}), kept_out=frozenset({ANN})), ANN, ANN)


def test_an_admin_cannot_be_kept_out() -> None:
    rules = Rules(admins=frozenset({ANN}), kept_out=frozenset({ANN, GROUP}))

    assert allowed(rules, ANN, ANN)
    assert allowed(rules, ANN, GROUP)
