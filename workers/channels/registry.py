"""Every way of telling people, by its name. A channel's module is loaded when it is first used."""

from collections.abc import Callable
from importlib import import_module

from qc_service.config import Settings
from workers.channels.message import Message, Outcome

Send = Callable[[Message, str, Settings], Outcome]  # message, address, settings; raises `NotSent`

CHANNELS: dict[str, tuple[str, str]] = {  # name: (name for people, module with a function `send`)
    "console": ("Console", "workers.channels.console"),
    "smtp": ("E-mail", "workers.channels.smtp"),
}


def label(kind: str) -> str:
    return CHANNELS[kind][0]


def sender(kind: str) -> Send:
    send: Send = import_module(CHANNELS[kind][1]).send
    return send
