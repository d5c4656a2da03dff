"""The validator's warnings count, except the one that is wrong for custom actions."""

from partnerstadt.rasa_ext.validate import complaints

UNUSED = "/x/io.py:100: UserWarning: The utterance 'utter_since' is not used in any story or rule.\n"
UNTRAINED = "/x/io.py:100: UserWarning: The intent 'greet' is listed in the domain file, but is not found.\n"


def test_unknown_warning_is_a_complaint() -> None:
    """Rasa's own exit code is 0 for it."""
    assert complaints(UNUSED + UNTRAINED) == ["The intent 'greet' is listed in the domain file, but is not found."]


def test_responses_used_by_actions_only_are_fine() -> None:
    """Rasa cannot see into actions."""
    assert complaints(UNUSED) == []


def test_logged_errors_are_complaints() -> None:
    """As Rasa's logger prints them."""
    assert complaints("2026-01-01 ERROR    rasa.validator  - Story conflict\n")
