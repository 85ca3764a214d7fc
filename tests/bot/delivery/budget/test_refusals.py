"""What the budget learns from refusals."""

import pytest

from bot.delivery.budget.budget import Budget, Limits
from bot.delivery.priority import Priority
from tests.bot.delivery.budget.calls import GROUP, PRIVATE, granted, refuse


class TestRefusals:
    def test_no_call_before_the_time_and_one_at_that_time_though_the_bucket_is_empty(self) -> None:
        budget = Budget(Limits(), 0.0)
        granted(budget, GROUP, 0.0)
        refuse(budget, GROUP, 3.0, 0.0)

        assert budget.ready_in(GROUP, Priority.NOTICE, 2.9) == pytest.approx(0.1)
        assert granted(budget, GROUP, 3.0) == 1

    def test_the_newest_text_may_go_then_without_a_reserve(self) -> None:
        budget = Budget(Limits(), 0.0)
        refuse(budget, GROUP, 3.0, 0.0)

        supply = budget.supply(GROUP, 3.0)

        assert supply.tokens == supply.burst

    def test_other_chats_go_on(self) -> None:
        budget = Budget(Limits(), 0.0)

        refuse(budget, 1, 33.0, 0.0)

        assert budget.ready_in(2, Priority.PROGRESS, 0.0) == 0

    def test_a_later_and_shorter_time_does_not_shorten_the_pause(self) -> None:
        budget = Budget(Limits(), 0.0)
        refuse(budget, PRIVATE, 33.0, 0.0)

        budget.refused(PRIVATE, 3.0, 1.0)

        assert budget.ready_in(PRIVATE, Priority.FINAL, 1.0) == pytest.approx(32.0)

    def test_the_rate_is_halved_and_creeps_back_within_ten_minutes(self) -> None:
        budget = Budget(Limits(), 0.0)

        refuse(budget, PRIVATE, 3.0, 0.0)

        rates = [budget.supply(PRIVATE, now).rate for now in (3.0, 60.0, 180.0, 600.0)]
        assert rates[0] == pytest.approx(0.5, abs=0.01)
        assert rates == sorted(rates)
        assert rates[-1] == 1.0

    def test_one_of_an_hour_is_obeyed_to_the_second(self) -> None:
        budget = Budget(Limits(), 0.0)
        refuse(budget, PRIVATE, 3600.0, 0.0)

        assert budget.ready_in(PRIVATE, Priority.NOTICE, 3599.0) == pytest.approx(1.0)
        assert budget.ready_in(PRIVATE, Priority.NOTICE, 3600.0) == 0

    @pytest.mark.parametrize("retry_after_s", [3601, 86_400, 10**400], ids=["a second", "a day", "no number"])
    def test_a_longer_one_is_asked_about_by_one_call_an_hour(self, retry_after_s: float) -> None:
        budget = Budget(Limits(), 0.0)
        refuse(budget, PRIVATE, retry_after_s, 0.0)
        calls = [0.0]

        for now in range(1, 4 * 3600):
            if budget.ready_in(PRIVATE, Priority.FINAL, float(now)) <= 0:
                refuse(budget, PRIVATE, retry_after_s, float(now))
                calls.append(now)

        assert calls == [0, 3600, 7200, 10_800]

    def test_drafts_and_chat_actions_ask_once_an_hour_too(self) -> None:
        budget = Budget(Limits(), 0.0)
        budget.drafts.refused(PRIVATE, 86_400, 0.0)

        assert budget.drafts.ready_in(PRIVATE, 1.0) == pytest.approx(3599.0)

    def test_no_number_of_refusals_stops_a_chat_for_good(self) -> None:
        budget = Budget(Limits(), 0.0)

        for now in range(100):
            refuse(budget, PRIVATE, 1.0, float(now))

        assert budget.supply(PRIVATE, 100.0).rate >= 1 / 16


class TestSeveralRefusedTogether:
    @pytest.fixture
    def budget(self) -> Budget:
        budget = Budget(Limits(), 0.0)
        for chat_id, retry_after_s in ((1, 33.0), (2, 4.0), (3, 60.0)):
            refuse(budget, chat_id, retry_after_s, 0.3 * chat_id)
        return budget

    def test_the_progress_of_all_halts_for_the_shortest_time(self, budget: Budget) -> None:
        assert budget.ready_in(9, Priority.PROGRESS, 1.0) == pytest.approx(3.9)

    def test_five_seconds_at_most(self) -> None:
        budget = Budget(Limits(), 0.0)
        for chat_id in (1, 2, 3):
            refuse(budget, chat_id, 137.0, 0.0)

        assert budget.ready_in(9, Priority.PROGRESS, 0.0) == pytest.approx(5.0)

    def test_final_texts_and_notices_of_other_chats_go_on(self, budget: Budget) -> None:
        assert budget.ready_in(9, Priority.FINAL, 1.0) == 0
        assert budget.ready_in(9, Priority.NOTICE, 1.0) == 0

    def test_then_one_call_tries_and_the_others_follow_when_it_was_answered(self, budget: Budget) -> None:
        assert budget.ready_in(9, Priority.PROGRESS, 5.0) == 0

        budget.spend(9, Priority.PROGRESS, 5.0)
        assert budget.ready_in(8, Priority.PROGRESS, 5.0) > 0
        assert budget.ready_in(8, Priority.FINAL, 5.0) == 0

        budget.ended(9, 0.1, 5.1)
        assert budget.ready_in(8, Priority.PROGRESS, 5.1) == 0

    def test_the_halt_begins_again_if_that_one_is_refused(self, budget: Budget) -> None:
        refuse(budget, 9, 2.0, 5.0, Priority.PROGRESS)

        assert budget.ready_in(8, Priority.PROGRESS, 5.0) == pytest.approx(2.0)

    def test_two_chats_are_not_enough_nor_three_in_two_seconds_nor_one_three_times(self) -> None:
        for refusals in (((1, 0.0), (2, 0.0)), ((1, 0.0), (2, 1.0), (3, 2.0)), ((1, 0.0), (1, 0.1), (1, 0.2))):
            budget = Budget(Limits(), 0.0)
            for chat_id, now in refusals:
                refuse(budget, chat_id, 4.0, now)
            assert budget.ready_in(9, Priority.PROGRESS, 2.0) == 0
