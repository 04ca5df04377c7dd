"""Is history whole? `verify` names each broken place; `write_anchor` notes down what there is now."""

from qc_service.verify.anchor import write_anchor
from qc_service.verify.findings import Finding
from qc_service.verify.whole import models, verify

__all__ = ["Finding", "models", "verify", "write_anchor"]
