from providers.wire.document import at, text_at

ITEM = {"a": [{"b": "text"}, 3], "c": None}


def test_a_path_leads_to_what_lies_there() -> None:
    assert at(ITEM, "a", 0, "b") == "text"
    assert at(ITEM) is ITEM
    assert text_at(ITEM, "a", 0, "b") == "text"


def test_a_path_that_leads_nowhere_gives_nothing() -> None:
    for path in (("x",), ("a", 2), ("a", "b"), ("c", "d"), ("a", 0, "b", 0), (0,)):
        assert at(ITEM, *path) is None
        assert text_at(ITEM, *path) == ""
    assert text_at(ITEM, "a", 1) == ""
