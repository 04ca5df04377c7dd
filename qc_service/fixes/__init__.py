"""Fixes (ISO 9000: corrective actions): what was changed, what it promised, and against which baseline."""
