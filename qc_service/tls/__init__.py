"""HTTPS on the plant's own network: an authority of the plant's own, and how a tablet comes to trust it.

`qc up --tls` makes both in the data folder. Nothing here knows the application: the process that answers over plain
HTTP, where a tablet fetches the authority's certificate, can give away nothing else.
"""

FOLDER = "tls"  # in the data folder
AUTHORITY, SERVER = "authority.pem", "server.pem"  # a certificate and its key each, their owner's alone
PUBLIC = "qc-ca.crt"  # the authority's certificate, which tablets install
