"""What a standard procedure is. A library of its own, with no framework."""
