"""The evidence bench: what the methods find in simulated plants, beside what is usually used in their place.

`make evidence-bench` runs all of it and writes the tables of `docs/evidence.md`.
"""
