"""Pure statistics, one method a file: numbers in, a finding out; no clock, no database, no web."""
