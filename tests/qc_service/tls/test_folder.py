"""The authority and the server's certificate: what is in them, when they are made anew, and who may read their keys."""

import errno
import ipaddress
import ssl
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from qc_service import clock
from qc_service.supervise import CannotStart
from qc_service.tls import authority as signing
from qc_service.tls import folder, names
from qc_service.tls.folder import keep, standing
from qc_service.tls.names import asked_for
from tests.qc_service.tls.conftest import NOW, shake_hands


def files(data):
    """The server's file and the authority's."""
    return data / "tls" / "server.pem", data / "tls" / "qc-ca.crt"


def bytes_of(data):
    return {path.name: path.read_bytes() for path in (data / "tls").iterdir()}


def extension(certificate, kind):
    return certificate.extensions.get_extension_for_class(kind)


# --- what is in them ----------------------------------------------------------------------------------------------


def test_the_authority_may_sign_for_this_plant_and_for_nobody_else(make):
    made = make("qc.plant.example", "203.0.113.9").authority

    assert isinstance(made.public_key().curve, ec.SECP256R1)
    assert isinstance(made.signature_hash_algorithm, hashes.SHA256)
    assert timedelta(days=3650) < made.not_valid_after_utc - NOW < timedelta(days=3654)
    basic = extension(made, x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    usage = extension(made, x509.KeyUsage)
    assert (usage.critical, usage.value.key_cert_sign, usage.value.digital_signature) == (True, True, False)
    bounds = extension(made, x509.NameConstraints)
    permitted = {str(one.value) for one in bounds.value.permitted_subtrees}
    assert bounds.critical
    assert {"local", "localhost", "line-3", "qc.plant.example", "203.0.113.9/32", "192.168.0.0/16"} <= permitted
    assert not {"192.168.7.7/32", "line-3.local", "example", ""} & permitted
    others = ("example", "notqc.plant.example", "203.0.113.10", "8.8.8.8")
    assert signing.outside(made, ["a.qc.plant.example", "192.168.9.9", *others]) == others


def test_the_servers_certificate_is_one_that_every_tablet_takes(make):
    """Apple's rules for certificates of servers: SHA-256, names in the extension, for servers, at most 398 days."""
    made = make("qc.plant.example", "10.1.2.3").server

    assert isinstance(made.signature_hash_algorithm, hashes.SHA256)
    assert made.not_valid_after_utc - made.not_valid_before_utc < timedelta(days=397)
    assert made.not_valid_before_utc < NOW < made.not_valid_after_utc - timedelta(days=390)
    assert list(extension(made, x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert not extension(made, x509.BasicConstraints).value.ca
    found = signing.names_in(made)
    assert found.hosts == ("qc.plant.example", "line-3", "line-3.local", "localhost")
    assert found.addresses == ("10.1.2.3", "192.168.7.7", "127.0.0.1", "::1")


@pytest.mark.parametrize(
    "name", ["qc.plant.example", "line-3", "line-3.local", "localhost", "192.168.7.7", "127.0.0.1", "::1"]
)
def test_who_trusts_the_authority_alone_shakes_hands_under_every_name(make, tmp_path, name):
    make("qc.plant.example", now=clock.now())

    assert shake_hands(name, *files(tmp_path)).version() == "TLSv1.3"


def test_who_asks_for_another_name_or_trusts_another_authority_refuses(make, tmp_path):
    make(now=clock.now())
    server, _ = files(tmp_path)
    keep(tmp_path / "other", asked_for([]), clock.now())

    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands("bank.example", *files(tmp_path))
    with pytest.raises(ssl.SSLCertVerificationError, match=r"unable to get local issuer|signature failure"):
        shake_hands("line-3", server, files(tmp_path / "other")[1])


@pytest.mark.parametrize("name", ["bank.example", "8.8.8.8"])
def test_a_stolen_authority_can_pretend_to_be_nobody_outside_the_plant(make, tmp_path, name):
    make(now=clock.now())
    server, public = files(tmp_path)
    stolen = signing.read((tmp_path / "tls" / "authority.pem").read_bytes())
    server.write_text(signing.make_server(stolen, "line-3", asked_for([name]), clock.now()).pem())

    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(name, server, public)


# --- when they are made anew --------------------------------------------------------------------------------------


def test_what_is_good_stays_as_it_is(make, tmp_path):
    first, before = make("qc.local"), bytes_of(tmp_path)

    assert make("qc.local", now=NOW + timedelta(days=300)) == first
    assert bytes_of(tmp_path) == before


def test_the_servers_certificate_is_renewed_when_less_than_thirty_days_are_left(make):
    first = make()
    again = make(now=first.until - timedelta(days=30))
    renewed = make(now=first.until - timedelta(days=30) + timedelta(seconds=1))

    assert again.server == first.server
    assert renewed.authority == first.authority
    assert renewed.until - first.until > timedelta(days=360)


def test_it_is_made_anew_when_the_names_have_changed(make, monkeypatch):
    first = make()
    monkeypatch.setattr(names, "lan_addresses", lambda: [ipaddress.ip_address("192.168.7.8")])
    moved = make()
    named = make("qc.local")

    assert (moved.authority, named.authority) == (first.authority, first.authority)
    assert "192.168.7.8" in moved.names.all
    assert "192.168.7.7" not in moved.names.all
    assert named.names.hosts[0] == "qc.local"


def test_an_address_that_is_gone_for_a_moment_is_not_taken_away(make, monkeypatch):
    first = make("qc.local")
    monkeypatch.setattr(names, "lan_addresses", list)

    assert make("qc.local") == first


def test_it_is_made_anew_when_it_is_of_the_future_damaged_or_another_authoritys(make, tmp_path):
    later = make(now=NOW + timedelta(days=90))
    first = make()
    assert first.server != later.server
    (tmp_path / "tls" / "server.pem").write_text("no certificate")
    second = make()
    assert second.names == first.names
    keep(tmp_path / "other", asked_for([]), NOW)
    (tmp_path / "tls" / "server.pem").write_bytes((tmp_path / "other" / "tls" / "server.pem").read_bytes())
    third = make()
    third.server.verify_directly_issued_by(third.authority)


def test_no_certificate_outlives_its_authority(make):
    first = make()
    ends_at = first.authority.not_valid_after_utc
    last = make(now=ends_at - timedelta(days=100))

    assert last.until == ends_at


def test_the_authoritys_own_file_is_written_again_where_it_is_lost_or_altered(make, tmp_path):
    first = make()
    public = files(tmp_path)[1]
    kept = public.read_bytes()
    for spoil in (public.unlink, lambda: public.write_text("something else")):
        spoil()
        assert make() == first
        assert public.read_bytes() == kept


# --- who may read them --------------------------------------------------------------------------------------------


def test_keys_are_their_owners_alone_and_the_public_file_holds_none(make, tmp_path):
    make()
    make("qc.local")  # the server's is written over
    home = tmp_path / "tls"

    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in home.iterdir()}
    assert modes == {"authority.pem": "0o600", "server.pem": "0o600", "qc-ca.crt": "0o644"}
    assert b"PRIVATE" not in (home / "qc-ca.crt").read_bytes()
    for name in ("authority.pem", "server.pem"):
        serialization.load_pem_private_key((home / name).read_bytes(), password=None)


# --- what cannot be done ------------------------------------------------------------------------------------------


def refused(make, *asked, **at) -> str:
    with pytest.raises(CannotStart) as error:
        make(*asked, **at)
    return str(error.value)


def test_a_name_that_the_authority_was_not_made_for_is_refused_and_nothing_changes(make, tmp_path):
    make("qc.plant.example")
    before = bytes_of(tmp_path)
    said = refused(make, "qc.other.example")

    assert "was made for other names than qc.other.example: use one of those (" in said
    assert "qc.plant.example" in said
    assert said.endswith("Every tablet must then trust the new one.")
    assert bytes_of(tmp_path) == before


def test_an_address_of_the_machine_that_the_authority_was_not_made_for_is_left_out(make, monkeypatch):
    make()
    monkeypatch.setattr(names, "lan_addresses", lambda: [ipaddress.ip_address("8.8.8.8")])

    assert "8.8.8.8" not in make().names.all


def test_an_authority_that_is_missing_damaged_or_ended_is_never_replaced_behind_peoples_backs(make, tmp_path):
    first = make()
    path = tmp_path / "tls" / "authority.pem"
    kept = path.read_bytes()
    assert "ended on 2036-01-05: check this machine's clock" in refused(make, now=first.authority.not_valid_after_utc)
    path.write_bytes(kept[: len(kept) // 2])
    assert "does not hold the authority's key and certificate: restore it from a backup" in refused(make)
    path.unlink()
    assert "authority.pem is missing: restore it from a backup" in refused(make)
    path.write_bytes(kept)
    assert make() == first


def test_a_folder_that_cannot_be_written_is_named(make, tmp_path):
    (tmp_path / "tls").write_text("a file")

    assert refused(make).startswith(f"Cannot keep the certificates in {tmp_path / 'tls'} (File exists): give the")


def test_a_write_that_fails_leaves_what_was_there(make, tmp_path, monkeypatch):
    make()
    before = bytes_of(tmp_path)

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(folder.os, "fsync", full)
    assert "(No space left on device)" in refused(make, "qc.local")
    assert bytes_of(tmp_path) == before


def test_where_nothing_was_made_there_is_nothing(tmp_path):
    assert standing(tmp_path) is None
