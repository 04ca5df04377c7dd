"""A procedure, edits of it, and the sentences that tell a supervisor what was changed. Written by hand."""

from typing import Any

from sops.document import normal

GONE = object()
"""In an edit: the field or item is taken out."""

PHOTO, OTHER_PHOTO = "a" * 64, "b" * 64
BASE = normal(
    {
        "title": "Fill and seal a can",
        "purpose": "Every can leaves tight and full.",
        "scope": "Line 1",
        "language": "en",
        "hazards": [
            {"id": "crush", "text": "The head crushes fingers.", "control": "Guard closed."},
            {"id": "cut", "text": "Lids cut skin.", "control": "Gloves on."},
        ],
        "tools": [{"id": "gauge", "text": "Seam gauge, 0.01 mm"}, {"id": "scale", "text": "Scale, 1 g"}],
        "defects": [{"code": "LEAK", "text": "Leaks at the seam"}, {"code": "DENT", "text": "Dented"}],
        "skill": {"text": "Ten cans sealed tight.", "valid_for_days": 365},
        "sampling": {"rule": "every", "units": 50},
        "steps": [
            {"id": "fill", "text": "Fill the can to the mark.", "detail": "Slowly, or it foams over the rim."},
            {"id": "seal", "text": "Close the lid and crimp it.", "hazards": ["crush"], "tools": ["gauge"]},
            {"id": "rest", "text": "Let it rest.", "type": "timer", "within": "90"},
            {"id": "pack", "text": "Pack it."},
        ],
        "checks": [
            {
                "id": "lid",
                "step": "seal",
                "type": "choose",
                "text": "Which lid is on?",
                "severity": "major",
                "choices": [
                    {"id": "gold", "text": "Gold lid", "ok": True},
                    {"id": "silver", "text": "Silver lid", "ok": False},
                    {"id": "none", "text": "No lid", "ok": False},
                ],
            },
            {
                "id": "weight",
                "step": "fill",
                "type": "measure",
                "text": "Filled weight",
                "severity": "major",
                "unit": "g",
                "min": "338",
                "max": "345",
                "samples": 3,
                "help": "Wipe the can dry first.",
            },
            {
                "id": "tight",
                "step": "seal",
                "type": "confirm",
                "text": "Is the seam closed all round?",
                "severity": "critical",
                "defect_codes": ["LEAK", "DENT"],
                "photos": [{"id": PHOTO, "kind": "good", "text": "A closed seam"}],
            },
            {
                "id": "dents",
                "step": "pack",
                "type": "count",
                "text": "Dents",
                "severity": "minor",
                "max": 2,
                "unit": "dents",
                "show_if": {"check": "tight", "equals": "ok"},
            },
            {
                "id": "seam",
                "step": "seal",
                "type": "measure",
                "text": "Seam",
                "severity": "major",
                "unit": "mm",
                "nominal": "1.10",
                "tolerance": "0.05",
                "decimals": 2,
                "gauge": "gauge",
            },
            {
                "id": "release",
                "step": "pack",
                "type": "sign",
                "text": "Release",
                "severity": "major",
                "role": "supervisor",
                "meaning": "I release this lot.",
                "sampling": {"rule": "all"},
            },
        ],
    }
)
NEW_PHOTO = {"id": OTHER_PHOTO, "kind": "bad", "text": "An open seam"}
EXPECTED: list[tuple[list[tuple[str, Any]], str | list[str]]] = [
    # the head
    ([("title", "Fill and close a can")], "Title: “Fill and seal a can” → “Fill and close a can”."),
    (
        [("purpose", "Every can leaves tight.")],
        "Purpose: “Every can leaves tight and full.” → “Every can leaves tight.”",
    ),
    ([("scope", "Lines 1 and 2")], "Scope: “Line 1” → “Lines 1 and 2”."),
    ([("scope", GONE)], "Scope: “Line 1” → none."),
    ([("language", "da")], "Source language: English → Dansk."),
    # hazards
    (
        [("hazards.+2", {"id": "hot", "text": "The can is hot.", "control": "Wait a minute."})],
        "New hazard: The can is hot. Protection: Wait a minute.",
    ),
    ([("hazards.cut", GONE)], "Hazard taken out: Lids cut skin."),
    (
        [("hazards.cut.control", "Thick gloves on.")],
        "Hazard “Lids cut skin”: protection “Gloves on.” → “Thick gloves on.”",
    ),
    (
        [("hazards.crush.text", "The head crushes hands.")],
        "Hazard “The head crushes hands”: wording “The head crushes fingers.” → “The head crushes hands.”",
    ),
    # tools and defects
    ([("tools.+2", {"id": "cloth", "text": "Dry cloth"})], "New tool: Dry cloth."),
    ([("tools.scale", GONE)], "Tool taken out: Scale, 1 g."),
    ([("tools.scale.text", "Scale, 0.1 g")], "Tool “Scale, 0.1 g”: wording “Scale, 1 g” → “Scale, 0.1 g”."),
    ([("defects.+2", {"code": "DIRT", "text": "Dirty"})], "New defect DIRT: Dirty."),
    ([("defects.DENT", GONE)], "Defect DENT taken out: Dented."),
    ([("defects.DENT.text", "Dented or scratched")], "Defect DENT: wording “Dented” → “Dented or scratched”."),
    # skill and sampling
    ([("skill", GONE)], "No skill needs to be shown any more. It was: Ten cans sealed tight."),
    ([("skill.valid_for_days", 180)], "Skill: valid for 365 → 180 days."),
    (
        [("skill.text", "Ten cans in a row sealed tight.")],
        "Skill: wording “Ten cans sealed tight.” → “Ten cans in a row sealed tight.”",
    ),
    (
        [("sampling.units", 60)],
        ("Units to look at: the first unit and every 50 units after it → the first unit and every 60 units after it."),
    ),
    ([("sampling", GONE)], "Units to look at: the first unit and every 50 units after it → every unit."),
    (
        [("sampling", {"rule": "per_shift", "units": 5})],
        "Units to look at: the first unit and every 50 units after it → 5 units a shift.",
    ),
    (
        [("sampling", {"rule": "accept_zero", "quality": "1.0", "confidence": "0.95"})],
        (
            "Units to look at: the first unit and every 50 units after it → a sample of the lot (quality 1.0 "
            "%, confidence 0.95)."
        ),
    ),
    # steps
    ([("steps.+1", {"id": "wipe", "text": "Wipe the rim."})], "New step, number 2: Wipe the rim."),
    (
        [("steps.+4", {"id": "cool", "text": "Cool it.", "type": "timer", "at_least": "60", "hazards": ["cut"]})],
        "New step, number 5: Cool it. It asks for a time. At least 60 s. Hazards: “Lids cut skin”.",
    ),
    ([("steps.pack", GONE)], "Step taken out: Pack it."),
    ([("steps.pack.text", "Pack it upright.")], "Step “Pack it upright”: wording “Pack it.” → “Pack it upright.”"),
    (
        [("steps.fill.detail", "Slowly, or it spills over the rim.")],
        (
            "Step “Fill the can to the mark”: details “Slowly, or it foams over the rim.” → “Slowly, or it "
            "spills over the rim.”"
        ),
    ),
    (
        [("steps.fill.detail", GONE)],
        "Step “Fill the can to the mark”: details “Slowly, or it foams over the rim.” → none.",
    ),
    ([("steps.pack.detail", "Six a box.")], "Step “Pack it”: details none → “Six a box.”"),
    ([("steps.pack.hazards", ["cut"])], "Step “Pack it”: hazards none → “Lids cut skin”."),
    (
        [("steps.seal.tools", ["gauge", "scale"])],
        "Step “Close the lid and crimp it”: tools “Seam gauge, 0.01 mm” → “Seam gauge, 0.01 mm”, “Scale, 1 g”.",
    ),
    ([("steps.rest.within", "120")], "Step “Let it rest”: longest time 90 s → 120 s."),
    ([("steps.rest.at_least", "30")], "Step “Let it rest”: shortest time none → 30 s."),
    ([("steps.rest.type", GONE), ("steps.rest.within", GONE)], "Step “Let it rest”: no longer asks for a time."),
    ([("steps.pack.type", "photo")], "Step “Pack it”: asks for photos now. At least one photo."),
    ([("steps.pack.photos", [NEW_PHOTO])], "Step “Pack it”: new photo “An open seam”."),
    # which checks there are
    (
        [("checks.+0", {"id": "full", "step": "fill", "type": "confirm", "text": "Full?", "severity": "critical"})],
        "New check (critical): Full?",
    ),
    (
        [
            (
                "checks.+6",
                {
                    "id": "t",
                    "step": "fill",
                    "type": "measure",
                    "text": "Juice",
                    "severity": "minor",
                    "unit": "°C",
                    "max": "6",
                },
            )
        ],
        "New check (minor): Juice. Must be at most 6 °C.",
    ),
    ([("checks.weight", GONE)], "Check taken out (major): Filled weight."),
    # what a check accepts
    ([("checks.weight.max", "344")], "Filled weight: upper limit 345 → 344 g."),
    ([("checks.weight.min", "340")], "Filled weight: lower limit 338 → 340 g."),
    ([("checks.weight.max", GONE)], "Filled weight: upper limit 345 g → none."),
    ([("checks.weight.nominal", "340")], "Filled weight: nominal value none → 340 g."),
    ([("checks.seam.tolerance", "0.04")], "Seam: tolerance 0.05 → 0.04 mm."),
    (
        [("checks.seam.tolerance", "0.050"), ("checks.seam.decimals", 3)],
        ["Seam: tolerance 0.05 → 0.050 mm.", "Seam: decimals 2 → 3."],
    ),
    ([("checks.seam.nominal", "1.1")], "Seam: nominal value 1.10 → 1.1 mm."),
    ([("checks.weight.samples", 5)], "Filled weight: samples 3 → 5."),
    ([("checks.weight.samples", GONE)], "Filled weight: samples 3 → 1."),
    ([("checks.weight.accept", 1)], "Filled weight: samples that may be outside 0 → 1."),
    ([("checks.weight.decimals", 1)], "Filled weight: decimals 0 → 1."),
    (
        [("checks.weight.unit", "oz"), ("checks.weight.max", "12")],
        ["Filled weight: unit g → oz.", "Filled weight: upper limit 345 g → 12 oz."],
    ),
    (
        [("checks.weight.unit", "oz"), ("checks.weight.nominal", "12"), ("checks.weight.min", GONE)],
        [
            "Filled weight: unit g → oz.",
            "Filled weight: lower limit 338 g → none.",
            "Filled weight: nominal value none → 12 oz.",
        ],
    ),
    ([("checks.seam.gauge", "scale")], "Seam: to be measured with “Seam gauge, 0.01 mm” → “Scale, 1 g”."),
    ([("checks.seam.gauge", GONE)], "Seam: to be measured with “Seam gauge, 0.01 mm” → none."),
    ([("checks.dents.max", 1)], "Dents: upper limit 2 → 1 dents."),
    ([("checks.dents.unit", "dents or scratches")], "Dents: unit dents → dents or scratches."),
    ([("checks.lid.several", True)], "Which lid is on: several answers at once no → yes."),
    ([("checks.lid.choices.silver.ok", True)], "Which lid is on: answer “Silver lid” was a defect, is accepted now."),
    (
        [("checks.lid.choices.gold.ok", False), ("checks.lid.choices.silver.ok", True)],
        [
            "Which lid is on: answer “Gold lid” was accepted, is a defect now.",
            "Which lid is on: answer “Silver lid” was a defect, is accepted now.",
        ],
    ),
    (
        [("checks.lid.choices.+3", {"id": "red", "text": "Red lid", "ok": False})],
        "Which lid is on: new answer “Red lid”, a defect.",
    ),
    (
        [("checks.lid.choices.+3", {"id": "red", "text": "Red lid", "ok": True})],
        "Which lid is on: new answer “Red lid”, accepted.",
    ),
    ([("checks.lid.choices.none", GONE)], "Which lid is on: answer “No lid” taken out."),
    (
        [("checks.lid.choices.gold.text", "Golden lid")],
        "Which lid is on: wording of an answer “Gold lid” → “Golden lid”.",
    ),
    ([("checks.release.role", "quality_manager")], "Release: to be signed by a supervisor → a quality manager."),
    ([("checks.release.role", GONE)], "Release: to be signed by a supervisor → anybody."),
    (
        [("checks.release.meaning", "I release this pallet.")],
        "Release: meaning of the signature “I release this lot.” → “I release this pallet.”",
    ),
    # how and when it is asked
    ([("checks.weight.severity", "critical")], "Filled weight: severity major → critical."),
    ([("checks.tight.defect_codes", ["LEAK"])], "Is the seam closed all round: defect codes LEAK, DENT → LEAK."),
    ([("checks.tight.defect_codes", ["DENT", "LEAK"])], "Is the seam closed all round: defect codes in another order."),
    ([("checks.tight.defect_codes", GONE)], "Is the seam closed all round: defect codes LEAK, DENT → none."),
    ([("checks.tight.photo_on_defect", True)], "Is the seam closed all round: photo of every defect no → yes."),
    (
        [("checks.weight.step", "seal")],
        "Filled weight: belongs to the step “Fill the can to the mark” → “Close the lid and crimp it”.",
    ),
    ([("checks.lid.layout", "group")], "Which lid is on: place on the screen by itself → with its neighbours."),
    (
        [("checks.dents.show_if", GONE)],
        "Dents: is asked only if “Is the seam closed all round” is answered “OK” → always.",
    ),
    (
        [("checks.dents.show_if", {"check": "lid", "equals": "gold"})],
        (
            "Dents: is asked only if “Is the seam closed all round” is answered “OK” → only if “Which lid is "
            "on” is answered “Gold lid”."
        ),
    ),
    (
        [("checks.release.sampling", {"rule": "per_shift", "units": 1})],
        "Release: is looked at on every unit → one unit a shift.",
    ),
    (
        [("checks.weight.sampling", {"rule": "all"})],
        (
            "Filled weight: is looked at on the first unit and every 50 units after it as in the whole "
            "procedure → every unit."
        ),
    ),
    # wording and photos
    ([("checks.weight.text", "Net weight")], "Net weight: wording “Filled weight” → “Net weight”."),
    ([("checks.weight.help", GONE)], "Filled weight: help “Wipe the can dry first.” → none."),
    (
        [("checks.weight.text", "Weight of {samples} cans, at most {max} {unit}")],
        "Weight of 3 cans, at most 345 g: wording “Filled weight” → “Weight of 3 cans, at most 345 g”.",
    ),
    ([("checks.tight.photos.+1", NEW_PHOTO)], "Is the seam closed all round: new photo “An open seam”."),
    ([("checks.tight.photos", GONE)], "Is the seam closed all round: photo “A closed seam” taken out."),
    (
        [(f"checks.tight.photos.{PHOTO}.text", "A tight seam")],
        "Is the seam closed all round: caption of a photo “A closed seam” → “A tight seam”.",
    ),
    (
        [(f"checks.tight.photos.{PHOTO}.kind", "shows")],
        "Is the seam closed all round: photo “A closed seam” is shown as a good one → an example.",
    ),
    # another type
    (
        [("checks.dents.type", "measure"), ("checks.dents.unit", "mm"), ("checks.dents.max", "2")],
        "Dents: asked for a count, asks for a measurement now. Must be at most 2 mm.",
    ),
    (
        [("checks.tight.type", "photo"), ("checks.tight.at_least", 2), ("checks.tight.severity", "major")],
        [
            "Is the seam closed all round: asked for a question to confirm, asks for photos now. At least 2 photos.",
            "Is the seam closed all round: severity critical → major.",
        ],
    ),
]
