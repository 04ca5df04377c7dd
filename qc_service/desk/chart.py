"""The evidence chart and the sparkline, as SVG text.

Pure functions: a frozen evidence document in, a drawing out. The drawing stands alone (it is shown as an
image, mailed and printed), so its colours and sizes are attributes and it needs no style sheet.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from qc_service.desk import chart_band as band
from qc_service.desk import chart_callouts as callouts
from qc_service.desk import chart_names as names
from qc_service.desk import chart_parts as parts
from qc_service.desk.chart_frame import Frame, frame_for, scale_for
from qc_service.desk.chart_lettering import Label
from qc_service.desk.chart_reading import AFTER, Reading, clean, finite, read
from qc_service.desk.chart_scales import Wording, path, px

WIDE, MEDIUM, NARROW = 1040, 720, 360
NARROWEST = 320
SPARK = (176, 44)
ENGLISH = Wording()

_SPARK_PAD = 4.0
_FINE_PITCH = 3.0
_LEADER_FROM = 3.0  # a name this close to its line needs no leader

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates" / "desk"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["px"] = px


def evidence_chart(
    doc: Mapping[str, Any], *, width: int = WIDE, sentence: str | None = None, wording: Wording = ENGLISH
) -> str:
    """The chart of one evidence document: WIDE, MEDIUM, NARROW or any other width from 320 pixels.

    `sentence` becomes the drawing's title for a screen reader; without it, line, measure and fix are named.
    """
    reading, width = read(doc), max(width, NARROWEST)
    scale = scale_for(reading, width)
    main = names.main_edges(reading, scale, wording, width)
    proof = names.proof_edges(reading, wording)
    frame = frame_for(reading, width, scale, wording, [edge.text for edge in [*main, *proof]])
    main, proof = names.settle_main(main, reading, frame), names.settle_proof(proof, reading, frame)
    main_labels = names.edge_labels(main, frame, frame.top, frame.bottom)
    proof_labels = names.edge_labels(proof, frame, frame.strip_top - 4, frame.strip_bottom)
    furniture = list(names.furniture(reading, frame, wording))
    edges = list(zip([*main, *proof], [*main_labels, *proof_labels], strict=True))
    return _templates.get_template("chart.svg").render(
        **_shapes(reading, frame),
        f=frame,
        title=clean(sentence) or _title(reading, wording),
        desc=_description(reading, frame, wording),
        leaders=[leader for edge, label in edges for leader in _leader(edge, label, frame)],
        labels=[
            *furniture,
            *(label for _, label in edges),
            *callouts.inside_labels(reading, frame, wording),
            *callouts.proof_labels(reading, frame, wording, [*furniture, *proof_labels]),
        ],
    )


def _shapes(reading: Reading, frame: Frame) -> dict[str, Any]:
    return {
        "grid": [frame.y(tick) for tick in frame.scale.ticks],
        "bands": parts.bands(reading, frame),
        "likely": band.shape(reading, frame),
        "joins": [path(run) for run in parts.joins(reading, frame)],
        "limits": parts.limit_lines(reading, frame),
        "pools": parts.pools(reading, frame),
        "hints": parts.hints(reading, frame),
        "far_out": parts.far_out(reading, frame),
        "dots": parts.spots(reading, frame, hollow=False),
        "hollow": parts.spots(reading, frame, hollow=True),
        "radius": min(max(frame.pitch * 0.42, 1.3), 4.2),
        "hollow_radius": min(max(frame.pitch * 0.42, 2.3), 4.2),
        "join_width": 1 if frame.pitch > _FINE_PITCH else 0.6,
        "rules": parts.rules(reading, frame),
        "worse_x": parts.lot_x(reading, frame, reading.worse_since_lot),
        "curves": parts.curves(reading, frame),
        "marks": parts.marks(reading, frame),
        "no_proof": frame.z(0.0),
    }


def _leader(edge: names.Edge, label: Label, frame: Frame) -> list[parts.Stroke]:
    """A hair from the end of a line to its name, where the name is not right beside it."""
    name_y = label.y - label.size * 0.34
    if edge.x >= frame.right - 1 and abs(name_y - edge.y) < _LEADER_FROM:
        return []
    bend = [(edge.x + 4, edge.y), (frame.right, edge.y), (frame.right + 8, name_y)]
    return [parts.Stroke(path(bend if edge.x < frame.right - 1 else bend[1:]), edge.tone, 0.7)]


def _title(reading: Reading, words: Wording) -> str:
    return words.text(
        "%(measure)s, %(line)s, before and after the fix: %(title)s",
        measure=reading.measure,
        line=reading.line,
        title=reading.fix_title,
    )


def _description(reading: Reading, frame: Frame, words: Wording) -> str:
    _ = words.text

    def rate(value: float) -> str:
        return frame.scale.rate(value, words)

    told = _before_and_after(reading, rate, words)
    likely = band.latest(reading)
    if likely is not None:
        told.append(_(band.SAID, sure=words.percent(band.SURE, 0), low=rate(likely[0]), high=rate(likely[1])))
    if reading.promise is not None:
        told.append(_("Promise %(rate)s.", rate=rate(reading.promise)))
    if reading.alarm is not None:
        told.append(_("Alarm number %(rate)s.", rate=rate(reading.alarm)))
    if reading.verified_at_lot is not None:
        told.append(_("Proved at lot %(lot)s after the fix.", lot=reading.verified_at_lot))
    if reading.flagged_at_lot is not None and reading.fixed:
        told.append(_("Not holding at lot %(lot)s after the fix.", lot=reading.flagged_at_lot))
    elif reading.flagged_at_lot is not None:
        told.append(_("Proved worse at lot %(lot)s.", lot=reading.flagged_at_lot))
    told += _asides(reading, words)
    return " ".join(told)


def _before_and_after(reading: Reading, rate: Callable[[float], str], words: Wording) -> list[str]:
    """What parts them is a fix, or where the line's own past ends."""
    _, fixed, lots = words.text, reading.fixed, {"before": reading.before, "after": len(reading.after)}
    told = [
        _("Lots before the fix: %(before)s, since the fix: %(after)s.", **lots)
        if fixed
        else _("Lots of its own past: %(before)s, watched since: %(after)s.", **lots)
    ]
    left_out = sum(point.left_out for point in reading.points)
    if left_out:
        told.append(_("Left out of the baseline: %(count)s.", count=left_out))
    if reading.rate_before is not None:
        past = rate(reading.rate_before)
        told.append(_("Before the fix %(rate)s.", rate=past) if fixed else _("In its past %(rate)s.", rate=past))
    if reading.centre_after is not None and reading.after:
        now = rate(reading.centre_after)
        told.append(_("Since the fix %(rate)s.", rate=now) if fixed else _("Watched since, %(rate)s.", rate=now))
    return told


def _asides(reading: Reading, words: Wording) -> list[str]:
    """What is worth a look."""
    hinted = sum(bool(point.hints) for point in reading.points)
    far_out = [point.lot for point in reading.points if point.far_out and point.lot is not None]
    told = [words.text("Lots with a hint, which is no verdict: %(count)s.", count=hinted)] if hinted else []
    return told + [words.text("Far out: lot %(lot)s after the fix.", lot=lot) for lot in far_out]


def sparkline(rates: Sequence[float | None], fix_index: int | None = None, *, title: str = "") -> str:
    """A line of rates no larger than a word, from 0 up; `fix_index` is the first rate after the fix."""
    known = [finite(rate) for rate in rates]
    top = max((rate for rate in known if rate is not None), default=0.0) or 1.0
    width, height = SPARK
    pitch = (width - 2 * _SPARK_PAD) / max(len(known) - 1, 1)

    def place(index: int, rate: float) -> tuple[float, float]:
        share = min(max(rate / top, 0.0), 1.0)
        return _SPARK_PAD + index * pitch, height - _SPARK_PAD - share * (height - 2 * _SPARK_PAD)

    places = [None if rate is None else place(index, rate) for index, rate in enumerate(known)]
    runs = [[spot for spot in run if spot is not None] for _, run in groupby(places, key=lambda spot: spot is None)]
    drawn = [spot for spot in places if spot is not None]
    fix_x = None if fix_index is None else _SPARK_PAD + (min(max(fix_index, 0), len(known)) - 0.5) * pitch
    return _templates.get_template("spark.svg").render(
        width=width,
        height=height,
        title=clean(title),
        paths=[path(run) for run in runs if len(run) > 1],
        last=drawn[-1] if drawn else None,
        fix_x=None if fix_x is None else min(max(fix_x, 1.0), width - 1.0),
    )


def doc_sparkline(doc: Mapping[str, Any], *, lots: int = 40, title: str = "") -> str:
    """The sparkline of an evidence document's last lots; a fix further back than those is not marked."""
    points = read(doc).points
    first_after = next((index for index, point in enumerate(points) if point.stage == AFTER), len(points))
    skipped = max(len(points) - lots, 0)
    fix_index = first_after - skipped if first_after >= skipped else None
    return sparkline([point.rate for point in points[skipped:]], fix_index, title=title)
