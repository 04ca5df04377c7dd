"""The doctor says when a certificate ends, whom it does not cover, and who could read its key."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from qc_service.config import load
from qc_service.doctor import examine
from qc_service.doctor_https import certificates
from qc_service.tls.folder import keep
from qc_service.tls.names import asked_for

NOW = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)


@pytest.fixture
def made(home):
    return keep(home, asked_for(["qc.plant.example"]), NOW)


def found(home, at=NOW, **environment):
    settings = load(environment, str(home))
    with time_machine.travel(at, tick=False):
        return {one.what: one.level for one in examine(settings, (certificates,))}


def test_where_none_were_made_nothing_is_said(home):
    assert found(home, QC_BASE_URL="https://qc.plant.example") == {}


def test_a_good_certificate_is_told_with_its_names_and_its_authoritys_words(home, made):
    told = found(home, QC_BASE_URL="https://qc.plant.example:8443")

    assert set(told.values()) == {"ok"}
    assert any("valid until 2027-02-05, for qc.plant.example, " in what for what in told)
    assert f"The authority's words are {made.words}, its SHA-256 is {made.digits}" in told


def test_a_certificate_that_ends_is_told_before_and_after(home, made):
    day = timedelta(days=1)

    assert found(home, made.until - 29 * day)["The server's certificate ends on 2027-02-05"] == "warning"
    assert found(home, made.until)["The server's certificate ended on 2027-02-05"] == "error"
    assert f"The authority “{made.title}” ends on 2036-01-05" not in found(home, made.until)
    late = made.authority.not_valid_after_utc
    assert found(home, late - 300 * day)[f"The authority “{made.title}” ends on 2036-01-05"] == "warning"
    assert found(home, late)[f"The authority “{made.title}” ended on 2036-01-05"] == "error"


def test_an_address_that_the_certificate_does_not_cover_is_told(home, made):
    said = "The server's certificate is not for qc.other.example, the host of QC_BASE_URL"

    assert found(home, QC_BASE_URL="https://qc.other.example")[said] == "error"
    assert any(one.startswith("QC_BASE_URL: ") for one in found(home, QC_BASE_URL="https://a b"))


def test_a_key_that_others_can_read_is_told(home, made):
    for name in ("authority.pem", "server.pem"):
        path = home / "tls" / name
        path.chmod(0o640)
        assert found(home)[f"{path} can be read by other users"] == "error"


def test_a_damaged_file_is_told(home, made):
    (home / "tls" / "qc-ca.crt").write_text("nothing of the kind")

    assert any(one.startswith("could not be examined: The certificates of HTTPS (ValueError") for one in found(home))
