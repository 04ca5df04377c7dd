"""Control charts: lots in; centre lines, limits and hints out. Plain arithmetic: no clock, no database, no web.

The worker draws the chart of the evidence that it freezes, and the page that shows a fix as it stands draws the same
one; what both processes need lives in `qc_service`, below every slice. `docs/charts.md` has the formulas.
"""
