"""The environment is read once; what cannot be used is refused by its name, with what to write instead."""

import pytest

from qc_service.config import SettingsError, load


def test_without_anything_set_the_service_has_all_it_needs(tmp_path):
    settings = load({}, str(tmp_path / "var"))

    assert settings.database_url == f"sqlite:///{tmp_path / 'var' / 'qc.db'}"
    assert (settings.embedded, settings.pool) == (True, "threads")
    assert len(settings.secret_key) >= 32
    assert len(settings.pin_pepper) >= 32


def test_secrets_are_made_once_and_nobody_else_can_read_them(tmp_path):
    first, second = load({}, str(tmp_path)), load({}, str(tmp_path))

    assert (first.secret_key, first.pin_pepper) == (second.secret_key, second.pin_pepper)
    assert [oct(one.stat().st_mode & 0o777) for one in tmp_path.iterdir()] == ["0o600"]


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"QC_DATABASE_URL": "mysql://somewhere"}, "QC_DATABASE_URL must begin with sqlite:/// or postgresql://"),
        ({"QC_SQLITE_SYNCHRONOUS": "OFF"}, "QC_SQLITE_SYNCHRONOUS is 'OFF'; write one of: FULL, NORMAL"),
        ({"QC_POOL": "gevent"}, "QC_POOL is 'gevent'; write one of: threads, prefork"),
        ({"QC_POOL": "prefork"}, "QC_POOL=prefork needs a broker: set QC_BROKER_URL as well"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path, environment, sentence):
    with pytest.raises(SettingsError) as refused:
        load(environment, str(tmp_path))

    assert str(refused.value).startswith(sentence)


def test_a_pool_of_processes_is_taken_with_a_broker(tmp_path):
    assert load({"QC_POOL": "prefork", "QC_BROKER_URL": "redis://localhost"}, str(tmp_path)).pool == "prefork"
