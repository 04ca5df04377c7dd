"""What many tests begin with is played once in a process on each engine; later tests begin on a copy of the database.

`play` plays a scene: the people of `CAST` come in, one after the other. Each scene is kept, with all that came before.
"""

import shutil
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from qc_service.db import db
from tests import servers
from tests.floor_life import Floor, floor_of
from tests.procedure_life import Somebody
from tests.witness import Witness

Made = dict[str, Any]


def _floor(app: Any, _: Made) -> Floor:
    app.test_client_class = Witness
    return floor_of(app)


def _chief(badge: str) -> Callable[[Any, Made], Somebody]:
    return lambda _, made: made["floor"].life.somebody(badge, "quality_manager", "supervisor")


# The fixtures by name, in the order in which they come in.
CAST: dict[str, Callable[[Any, Made], Any]] = {
    "floor": _floor,
    "mia": lambda _, made: made["floor"].person("MIA"),
    "ines": lambda _, made: made["floor"].person("INES"),
    "omar": lambda _, made: made["floor"].person("OMAR"),
    "boss": _chief("BOSS"),
    "chief": _chief("HEAD"),
}

GOOD_FOR = 20 * 60  # seconds: who signed in at a desk is signed out after an hour without a request


class Store(Protocol):
    """Databases of one engine, each known by a name that the engine understands."""

    def copy(self, name: str, home: Path) -> str:
        """A new database with all that is in that one; if it is a file, it is in that folder."""

    def url(self, name: str) -> str: ...

    def drop(self, name: str) -> None: ...


class Files:
    """SQLite: a database is a file, and goes with its folder."""

    def copy(self, name: str, home: Path) -> str:
        assert not Path(f"{name}-wal").exists()
        return str(shutil.copyfile(name, home / "qc.db"))

    def url(self, name: str) -> str:
        return f"sqlite:///{name}"

    def drop(self, name: str) -> None: ...


@dataclass
class Databases:
    """PostgreSQL: a database of a server."""

    address: str
    server: Any

    def copy(self, name: str, home: Path) -> str:
        made = f"qc_{uuid.uuid4().hex[:12]}"
        self.server.execute(f"CREATE DATABASE {made} TEMPLATE {name} STRATEGY file_copy")
        return made

    def url(self, name: str) -> str:
        return servers.database_at(self.address, name)

    def drop(self, name: str) -> None:
        self.server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass(frozen=True)
class Scene:
    name: str  # of its database
    made: Made
    at: float


@dataclass
class Stage:
    """The scenes of one engine that this process has played."""

    store: Store
    home: Path
    kept: dict[tuple[str, ...], Scene] = field(default_factory=dict)

    def play(self, names: tuple[str, ...], empty: str, app: Callable[[], Any]) -> Scene:
        """The scene of these people; `empty` is the database before anybody came."""
        if not names:
            return Scene(empty, {}, 0)
        found = self.kept.get(names)
        if found is None or time.monotonic() - found.at > GOOD_FOR:
            found = self.kept[names] = self._played(names, self.play(names[:-1], empty, app), app())
        return found

    def _played(self, names: tuple[str, ...], before: Scene, app: Any) -> Scene:
        from qc_service.app import bind  # the web is loaded for its own tests only

        home = self.home / uuid.uuid4().hex
        home.mkdir()
        name = self.store.copy(before.name, home)
        bound = bind(app, servers.settings_for(home, self.store.url(name)))
        try:
            made = {**before.made, names[-1]: CAST[names[-1]](bound, before.made)}
        finally:
            db.obj.close_all()
        return Scene(name, made, time.monotonic())

    def close(self) -> None:
        for scene in self.kept.values():
            self.store.drop(scene.name)


def asked_for(names: list[str]) -> tuple[str, ...]:
    """Who of the cast is asked for by a test's fixtures; all of them need the floor."""
    found = [name for name in CAST if name in names and name != "floor"]
    return ("floor", *found) if found or "floor" in names else ()


def on_stage(scene: Scene, name: str) -> Any:
    """Somebody of the scene; the floor knows those who are in this scene only."""
    found = scene.made[name]
    if isinstance(found, Floor):
        people = [one for one in scene.made.values() if isinstance(one, Somebody)]
        return Floor(found.life, found.plant, {one.badge: one for one in people})
    return found
