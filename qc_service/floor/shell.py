"""What the tablet keeps to work without a network: which files, and one hash of all of them.

The hash is the name of the tablet's cache, so that files of two releases never meet.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from qc_service.floor import words
from qc_service.words import LANGUAGES

HERE = Path(__file__).parent
STATIC = HERE / "static"
WORKER = HERE / "worker.js"
PAGE = HERE / "templates" / "floor" / "floor.html"
COLOUR = "#f6f6f2"

# What the station's screen is made of: asked for together, since a module that names the next costs a round trip each.
FIRST = ("main.js", "db.js", "device.js", "net.js", "ui.js", "words.js", "screens/home.js")


def files() -> list[str]:
    """The static files by their names below `/floor/static/`, in order."""
    return sorted(str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file())


@lru_cache(maxsize=1)
def release() -> str:
    """A name for exactly these files and texts."""
    digest = hashlib.sha256()
    for path in (PAGE, WORKER, *(STATIC / name for name in files())):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for language in LANGUAGES:
        digest.update(repr(words.catalogue(language)).encode())
    return digest.hexdigest()[:16]


def worker(page: str) -> str:
    """The service worker's script with the addresses that it keeps."""
    kept = [page, f"{page}/manifest.webmanifest"]
    kept += [f"{page}/static/{name}" for name in files()]
    kept += [f"{page}/texts/{language}.json" for language in LANGUAGES]
    listed = ",\n".join(f'  "{one}"' for one in kept)
    return f'const RELEASE = "{release()}";\nconst KEPT = [\n{listed}\n];\n{WORKER.read_text(encoding="utf-8")}'


def manifest(texts: dict[str, str], language: str) -> dict[str, Any]:
    return {
        "id": "/floor", "name": texts["app.name"], "short_name": "QC", "lang": language, "start_url": "/floor",
        "scope": "/floor", "display": "standalone", "background_color": COLOUR, "theme_color": COLOUR,
        "icons": [
            {"src": "/floor/static/icon.svg", "type": "image/svg+xml", "sizes": "any"},
            {"src": "/floor/static/icon-192.png", "type": "image/png", "sizes": "192x192"},
            {"src": "/floor/static/icon-512.png", "type": "image/png", "sizes": "512x512", "purpose": "any maskable"},
        ],
    }  # fmt: skip
