"""Translations on their way to a translator and back: XLIFF 2.1 for translation tools, CSV for spreadsheets.

What comes back is a draft, whatever the file says of it. A bad file loses nothing: its good units are given together
with a problem for each of the others.
"""

from sops.exchange_csv import read_csv, write_csv
from sops.exchange_units import LARGEST, Received
from sops.exchange_xliff import read_xliff, write_xliff

__all__ = ["LARGEST", "Received", "read_csv", "read_xliff", "write_csv", "write_xliff"]
