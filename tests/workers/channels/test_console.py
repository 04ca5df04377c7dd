import io
import sys

import pytest

from workers.channels import console
from workers.channels.message import Retryable


def test_one_clear_line(notice, settings_with, capsys):
    console.send(notice(), "stdout", settings_with(None))
    assert capsys.readouterr().out == (
        "ALERT critical: Line 1, scrap: 96 of 3,120 since the fix (3.1%). Not holding: relapsed. "
        "https://qc.example.com/alerts/alr_01\n"
    )


@pytest.mark.parametrize(
    ("reason", "mark"), [("resolved", "RESOLVED"), ("updated", "WORSE"), ("woken", "STILL FIRING")]
)
def test_the_mark_says_what_is_new(notice, settings_with, capsys, reason, mark):
    console.send(notice(reason=reason), "stdout", settings_with(None))
    assert capsys.readouterr().out.startswith(f"ALERT {mark}: ")


def test_what_people_typed_stays_in_its_line_and_moves_no_cursor(notice, settings_with, capsys):
    console.send(
        notice(sentence="one\r\nALERT critical: two\x1b[2J\u2028three\x00\u202e"),
        "stdout",
        settings_with(None),
    )
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert out.startswith("ALERT critical: one ALERT critical: two [2J three http")


def test_letters_that_the_terminal_lacks_do_no_harm(notice, settings_with, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    console.send(notice(sentence="Línea 1 — žlutá"), "stdout", settings_with(None))
    assert raw.getvalue().startswith(b"ALERT critical: L?nea 1 ? ?lut? http")


def test_a_closed_output_is_tried_again(notice, settings_with, monkeypatch):
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    with pytest.raises(Retryable):
        console.send(notice(), "stdout", settings_with(None))
