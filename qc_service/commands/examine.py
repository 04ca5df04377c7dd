"""`qc doctor`: what is wrong with this installation."""

import json
from argparse import Namespace

from qc_service import doctor, doctor_database, doctor_https
from qc_service.commands import Refusal
from qc_service.config import Settings
from qc_service.supervise import Say

CHECKS = (
    doctor.data_folder, doctor_database.database, doctor.cost_of_passwords, doctor_https.certificates, doctor.broker,
    doctor.mail,
)  # fmt: skip


def examine(args: Namespace, settings: Settings, say: Say) -> None:
    findings = doctor.examine(settings, CHECKS)
    table = doctor.settings_table(settings)
    if args.json:
        say(json.dumps(doctor.as_json(findings, table), indent=1, ensure_ascii=False))
    else:
        for line in doctor.as_text(findings, table):
            say(line)
    errors = sum(one.level == "error" for one in findings)
    if errors:
        raise Refusal(f"{errors} finding(s) must be put right")
