"""The files of the tablet form: few, light, complete, and named by what is in them."""

import gzip
import json
import re
from pathlib import Path

import pytest

from qc_service.floor import shell, words
from qc_service.words import LANGUAGES
from sops.steps import KINDS

MODULES = sorted(shell.STATIC.rglob("*.js"))
ASSETS = re.compile(r'(?:src|href)="(/floor[^"#]*)"')
IMPORTS = re.compile(r'(?:from|import) "(\.[^"]+)"')
SAID = re.compile(r'\bt\("([a-z_.]+)"')
PUT_TOGETHER = re.compile(r"\bt\(`([a-z_.]+)\.\$\{")


@pytest.fixture
def engine():
    return "sqlite"  # nothing of this is kept in a database


def _shell(client) -> dict[str, bytes]:
    """What the browser loads until the station is shown, by address."""
    found = {"/floor": client.get("/floor", buffered=True).data}
    waiting = [*ASSETS.findall(found["/floor"].decode()), "/floor/texts/fil.json", "/floor/static/screens/home.js"]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        answer = client.get(path, buffered=True)
        assert answer.status_code == 200, path
        found[path] = answer.data
        if path.endswith(".js"):
            waiting += [_beside(path, one) for one in IMPORTS.findall(answer.text)]
    return found


def _beside(path: str, relative: str) -> str:
    return "/" + str((Path(path).parent / relative).resolve().relative_to("/"))


def test_the_shell_is_light_and_takes_few_requests(client):
    loaded = _shell(client)

    assert len(loaded) <= 12, sorted(loaded)
    assert sum(len(gzip.compress(one)) for one in loaded.values()) <= 60 * 1024


def test_all_modules_of_the_station_are_asked_for_at_once_and_none_besides(client):
    """Each that is named by another only costs a slow link one more turn."""
    loaded = {path.removeprefix("/floor/static/") for path in _shell(client) if path.endswith(".js")}
    hinted = re.findall(r'rel="modulepreload" href="/floor/static/([^"]+)"', client.get("/floor").text)

    assert sorted(hinted) == sorted(loaded)


def test_what_is_text_comes_in_a_third_of_its_size_to_who_reads_gzip(client):
    paths = ("/floor", "/sw.js", "/floor/static/main.js", "/floor/texts/da.json")
    for path in paths:
        plain = client.get(path, buffered=True)
        small = client.get(path, headers={"Accept-Encoding": "br, gzip"}, buffered=True)
        assert (plain.headers.get("Content-Encoding"), small.headers.get("Content-Encoding")) == (None, "gzip"), path
        assert gzip.decompress(small.data) == plain.data
        assert "Accept-Encoding" in plain.headers["Vary"]
        again = client.get(
            path, headers={"If-None-Match": small.headers["ETag"], "Accept-Encoding": "gzip"}, buffered=True
        )
        assert (again.status_code, again.data) == (304, b""), path
    refused = client.get("/floor", headers={"Accept-Encoding": "gzip;q=0"}, buffered=True)
    picture = client.get("/floor/static/icon-192.png", headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert [one.headers.get("Content-Encoding") for one in (refused, picture)] == [None, None]
    part = client.get("/floor/static/main.js", headers={"Range": "bytes=0-9", "Accept-Encoding": "gzip"}, buffered=True)
    assert (part.status_code, len(part.data), part.headers.get("Content-Encoding")) == (206, 10, None)


def test_nothing_of_it_comes_from_elsewhere_and_the_policy_is_strict(client):
    for path in ("/floor", "/sw.js", "/floor/static/main.js"):
        answer = client.get(path, buffered=True)
        policy = answer.headers["Content-Security-Policy"]
        assert "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy
        assert "//" not in re.sub(r"^\s*//.*$", "", re.sub(r"// .*", "", answer.text), flags=re.MULTILINE), path
    assert "trusted-types sw" in client.get("/floor", buffered=True).headers["Content-Security-Policy"]


def test_the_worker_keeps_every_file_and_names_its_cache_by_them(client, monkeypatch):
    script = client.get("/sw.js", buffered=True).text
    kept = json.loads(re.search(r"const KEPT = (\[.*?\]);", script, re.DOTALL)[1])

    assert [path for path in kept if client.get(path, buffered=True).status_code != 200] == []
    assert {f"/floor/static/{path.relative_to(shell.STATIC)}" for path in MODULES} <= set(kept)
    assert {f"/floor/texts/{one}.json" for one in LANGUAGES} <= set(kept)
    assert f'"{shell.release()}"' in script
    before = shell.release()
    monkeypatch.setitem(words.TEXTS, "back", words.TEXTS["continue"])
    words.catalogue.cache_clear()
    shell.release.cache_clear()
    assert shell.release() != before
    monkeypatch.undo()
    words.catalogue.cache_clear()
    shell.release.cache_clear()
    assert shell.release() == before


def test_what_the_tablet_has_is_not_sent_again(client):
    for path in ("/floor", "/sw.js", "/floor/static/main.js", "/floor/texts/da.json", "/floor/manifest.webmanifest"):
        first = client.get(path, buffered=True)
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]}, buffered=True)
        assert (again.status_code, again.data) == (304, b""), path


def test_the_manifest_is_in_the_language_of_whoever_installs_it(client):
    english, danish = (
        client.get("/floor/manifest.webmanifest", headers={"Accept-Language": one}, buffered=True).json
        for one in ("en", "da-DK")
    )

    assert (english["start_url"], english["scope"], english["display"]) == ("/floor", "/floor", "standalone")
    assert english["name"] != danish["name"]
    assert all(client.get(one["src"], buffered=True).status_code == 200 for one in english["icons"])


def test_a_language_that_nobody_speaks_here_is_not_there(client):
    assert client.get("/floor/texts/xx.json", buffered=True).status_code == 404
    assert client.get("/floor/static/../worker.js", buffered=True).status_code == 404


def test_every_kind_of_check_has_its_part():
    assert {path.stem for path in (shell.STATIC / "checks").glob("*.js")} == set(KINDS)
    listed = (shell.STATIC / "screens" / "check.js").read_text()
    assert all(f'import("../checks/{name}.js")' in listed for name in KINDS)


def test_the_modules_say_what_is_in_the_catalogue_and_nothing_there_is_left_unsaid():
    said, families = set(), set()
    for path in MODULES:
        text = path.read_text()
        said |= set(SAID.findall(text)) | set(re.findall(r'"([a-z]+[._][a-z_]+(?:\.[a-z_]+)?)"', text)) & set(
            words.TEXTS
        )
        families |= set(PUT_TOGETHER.findall(text))
    of_family = {name for name in words.TEXTS if name.rpartition(".")[0] in families}

    assert said - set(words.TEXTS) == set()
    assert set(words.TEXTS) - said - of_family - {"app.name"} == set()


def test_what_a_text_leaves_open_is_left_open_in_every_language():
    for language in LANGUAGES:
        texts = words.catalogue(language)["texts"]
        for name, english in words.TEXTS.items():
            assert set(re.findall(r"\{\w+\}", texts[name])) == set(re.findall(r"\{\w+\}", english)), (language, name)
