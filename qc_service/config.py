"""Settings, read once from the environment (and from the data folder's secrets) and passed on as a value."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SECRETS_FILE = "secrets.env"

# What each variable means; `qc doctor` prints this table, so a setting that is not here does not exist.
VARIABLES: dict[str, str] = {
    "QC_DATA_DIR": "folder of the database and of the secrets that were made for it (default ./var)",
    "QC_DATABASE_URL": "sqlite:///… or postgresql://… (default: qc.db in the data folder)",
    "QC_BROKER_URL": "redis://… or amqp://… (default: none, the worker watches the database itself)",
    "QC_SECRET_KEY": "signs page tokens; made in the data folder when absent",
    "QC_PIN_PEPPER": "kept outside the database, mixed into every PIN and password; made when absent",
    "QC_SEAL_KEY_FILE": "RSA key that opens what tablets seal (default: seal.pem in the data folder, made when absent)",
    "QC_BASE_URL": "the address that people open, for links in messages (default http://127.0.0.1:8000)",
    "QC_TRUST_URL": "where a tablet learns to trust the plant's own certificate (set by qc up --tls)",
    "QC_SMTP_URL": "smtp://user:password@host:port?from=qc@example.com, smtps://… (default: no mail is sent)",
    "QC_SQLITE_SYNCHRONOUS": "FULL (default) or NORMAL, which can lose the last records on power loss",
    "QC_PASSWORD_COST": "normal (default) or low, which is for tests only",
    "QC_LOG_FORMAT": "console (default on a terminal) or json",
    "QC_BIND": "address of the web process under the Procfile (default 127.0.0.1:8000)",
    "QC_WEB": "number of web processes under the Procfile (default 2)",
    "QC_POOL": "Celery pool of the worker: threads (default), or prefork, which needs a broker",
    "QC_MEDIA_DAILY_MB": "how much of pictures one person or key may put in on one day (default 500)",
    "QC_ACKNOWLEDGEMENT_GRACE_HOURS": "how long who read the version before may go on without the new one (default 0)",
    "QC_HEARTBEAT_URL": "an address that the beat calls every minute, so that its silence is noticed elsewhere",
}


class SettingsError(Exception):
    """A setting that cannot be used; the message names it and says what to write."""


@dataclass(frozen=True, slots=True)
class Settings:
    data_dir: Path
    database_url: str
    broker_url: str | None
    secret_key: str = field(repr=False)
    pin_pepper: str = field(repr=False)
    base_url: str = "http://127.0.0.1:8000"
    smtp_url: str | None = field(default=None, repr=False)
    sqlite_synchronous: str = "FULL"
    password_cost: str = "normal"  # noqa: S105 - the name of a cost, not a secret
    log_format: str = "console"
    heartbeat_url: str | None = None
    pool: str = "threads"
    acknowledgement_grace_hours: int = 0
    media_daily_mb: int = 500
    seal_key_file: Path | None = None
    trust_url: str | None = None

    @property
    def embedded(self) -> bool:
        """True where no broker is configured and the worker watches the outbox itself."""
        return self.broker_url is None


def load(environ: Mapping[str, str] | None = None, data_dir: str | None = None) -> Settings:
    """Settings from the environment; secrets that are absent are made once and kept in the data folder."""
    env = dict(os.environ if environ is None else environ)
    home = Path(data_dir or env.get("QC_DATA_DIR") or "./var").absolute()
    home.mkdir(parents=True, exist_ok=True)
    kept = _kept_secrets(home, env)
    return Settings(
        data_dir=home,
        database_url=_database_url(env, home),
        broker_url=env.get("QC_BROKER_URL") or None,
        secret_key=kept["QC_SECRET_KEY"],
        pin_pepper=kept["QC_PIN_PEPPER"],
        base_url=(env.get("QC_BASE_URL") or "http://127.0.0.1:8000").rstrip("/"),
        smtp_url=env.get("QC_SMTP_URL") or None,
        sqlite_synchronous=_one_of(env, "QC_SQLITE_SYNCHRONOUS", "FULL", ("FULL", "NORMAL")),
        password_cost=_one_of(env, "QC_PASSWORD_COST", "normal", ("normal", "low")),
        log_format=_one_of(env, "QC_LOG_FORMAT", "console", ("console", "json")),
        heartbeat_url=env.get("QC_HEARTBEAT_URL") or None,
        pool=_pool(env),
        acknowledgement_grace_hours=_whole(env, "QC_ACKNOWLEDGEMENT_GRACE_HOURS", 0),
        media_daily_mb=_whole(env, "QC_MEDIA_DAILY_MB", 500),
        trust_url=env.get("QC_TRUST_URL") or None,
        seal_key_file=Path(env["QC_SEAL_KEY_FILE"]) if env.get("QC_SEAL_KEY_FILE") else None,
    )


def _database_url(env: Mapping[str, str], home: Path) -> str:
    url = env.get("QC_DATABASE_URL") or f"sqlite:///{home / 'qc.db'}"
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise SettingsError(
            "QC_DATABASE_URL must begin with sqlite:/// or postgresql://, for example "
            "sqlite:////srv/qc/qc.db or postgresql://qc@localhost/qc"
        )
    return url


def _pool(env: Mapping[str, str]) -> str:
    """Without a broker, Celery's processes share one lock: one that is killed while it waits for work keeps it."""
    pool = _one_of(env, "QC_POOL", "threads", ("threads", "prefork"))
    if pool == "prefork" and not env.get("QC_BROKER_URL"):
        raise SettingsError("QC_POOL=prefork needs a broker: set QC_BROKER_URL as well, or leave the worker on threads")
    return pool


def _one_of(env: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = env.get(name) or default
    if value not in allowed:
        raise SettingsError(f"{name} is {value!r}; write one of: {', '.join(allowed)}")
    return value


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name) or str(default)
    if not value.isdecimal():
        raise SettingsError(f"{name} is {value!r}; write a whole number such as {default}")
    return int(value)


def _kept_secrets(home: Path, env: Mapping[str, str]) -> dict[str, str]:
    names = ("QC_SECRET_KEY", "QC_PIN_PEPPER")
    if all(env.get(name) for name in names):
        return {name: env[name] for name in names}
    path = home / SECRETS_FILE
    if not path.exists():
        text = "".join(f"{name}={secrets.token_urlsafe(32)}\n" for name in names)
        create_private(path, text)
    stored = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    missing = [name for name in names if not (env.get(name) or stored.get(name))]
    if missing:
        raise SettingsError(f"{path} lacks {', '.join(missing)}: restore the file from a backup, or set them")
    return {name: env.get(name) or stored[name] for name in names}


def create_private(path: Path, text: str) -> None:
    """Written whole or not at all, readable by its owner only, by whichever process comes first."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
