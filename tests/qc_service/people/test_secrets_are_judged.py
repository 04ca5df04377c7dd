import pytest

from qc_service.people.obvious import PINS
from qc_service.people.rules import password_refused, pin_refused


@pytest.mark.parametrize(
    "pin", ["", "12345", "1234567", "73915a", "73 154", "\uff17\uff13\uff19\uff11\uff15\uff14", "-73915"]
)
def test_a_pin_that_is_not_six_plain_digits_is_refused(pin):
    assert pin_refused(pin) == "A PIN is exactly 6 digits."


@pytest.mark.parametrize(
    "pin",
    ["000000", "111111", "123456", "654321", "890123", "210987", "024680", "121212", "123123",
     "123321", "112233", "100000", "122122", "147258", "159753", "314159"],
)  # fmt: skip
def test_a_pin_that_anybody_would_try_first_is_refused(pin):
    assert "first" in pin_refused(pin)


@pytest.mark.parametrize("pin", ["739154", "260483", "480917", "615302", "904718"])
def test_an_ordinary_pin_is_taken(pin):
    assert pin_refused(pin, "P-17") is None


def test_the_digits_on_the_badge_are_no_pin():
    assert "badge" in pin_refused("480917", "P-480917")


def test_all_refused_pins_together_leave_at_least_98_percent_of_a_million():
    refused = sum(pin_refused(f"{number:06}") is not None for number in range(0, 1_000_000, 7))
    assert refused / (1_000_000 / 7) < 0.02


def test_the_list_of_pins_holds_six_digits_each():
    assert all(len(pin) == 6 and pin.isdigit() for pin in PINS)


@pytest.mark.parametrize(
    "password",
    ["short", "ninechars", "aaaaaaaaaaaa", "abababababab", "1234567890", "0987654321", "qwertyuiop",
     "Password12345", "P@ssw0rd!!!!", "Welcome2026!", "administrator1", "letmeinletmein", "x" * 257],
)  # fmt: skip
def test_an_obvious_or_short_password_is_refused(password):
    assert password_refused(password)


@pytest.mark.parametrize("password", ["INSP-7 rides", "I am Ingrid X", "solvEIG runs"])
def test_a_password_with_the_badge_or_the_name_in_it_is_refused(password):
    assert "badge or the name" in password_refused(password, "INSP-7", "Ingrid Solveig")


@pytest.mark.parametrize(
    "password", ["plum jam on the roof", "K3h&9w!pZq", "correct horse battery", "пять рыжих котов"]
)
def test_an_ordinary_password_is_taken(password):
    assert password_refused(password, "P-1", "An Li") is None
