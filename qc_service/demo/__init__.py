"""The demonstration plant: published series, and one simulated line that is plainly marked so."""
