"""What is behind the longer commands of `qc`."""
