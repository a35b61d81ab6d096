"""Makes events.csv and expected.json with ACES itself.

Run in this folder with es-aces 0.7.3, polars 1.44.2:
    python reference.py
The records are drawn from a linear congruential stream on a grid of six hours, so that many events fall
at the same moment and exactly on the bounds of windows.
"""

import csv
import json
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
from aces import config, predicates, query
from omegaconf import DictConfig

HERE = Path(__file__).parent
CODES = [
    ("ADMISSION//emergency", None, None), ("ADMISSION//elective", None, None),
    ("DISCHARGE//home", None, "home"), ("DISCHARGE//ward", None, "home"), ("DISCHARGE//home", None, "hospice"),
    ("LOINC//59408-5", 89.0, None), ("LOINC//59408-5", 90.0, None), ("LOINC//59408-5", 94.0, None),
    ("LOINC//59408-5", 98.0, None), ("LOINC//59408-5", 99.0, None), ("LOINC//59408-5", None, None),
    ("ICD10//I21.3", None, None), ("ICD10//I21.4", None, None),
    ("PROCEDURE_START", None, None), ("PROCEDURE_END", None, None), ("PROCEDURE//ventilation", None, None),
]


def draws(seed):
    state = seed
    while True:
        state = (state * 1103515245 + 12345) % 2**31
        yield state >> 8


def records(subjects=40):
    start = datetime(2020, 1, 1)
    stream = draws(2026)
    for subject in range(1, subjects + 1):
        yield subject, None, "SEX//" + ("female" if next(stream) % 4 else "male"), None, None
        # Every third record is crowded into a few days, the others spread over months.
        step = 1 if subject % 3 == 0 else 24
        at = 0
        for _ in range(8 + next(stream) % 30):
            at += (next(stream) % 4) * (next(stream) % step + 1)
            code, value, text = CODES[next(stream) % len(CODES)]
            yield subject, start + timedelta(hours=6 * at), code, value, text
            if code.startswith("PROCEDURE_") and next(stream) % 4:
                yield subject, start + timedelta(hours=6 * at), "PROCEDURE//ventilation", None, None
        if next(stream) % 3 == 0:
            yield subject, start + timedelta(hours=6 * (at + next(stream) % 3)), "MEDS_DEATH", None, None


def main():
    rows = list(records())
    with open(HERE / "events.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["subject_id", "time", "code", "numeric_value", "text_value"])
        for row in rows:
            writer.writerow(["" if cell is None else cell for cell in row])
    schema = {"subject_id": pl.Int64, "time": pl.Datetime("us"), "code": pl.String,
              "numeric_value": pl.Float32, "text_value": pl.String}
    expected = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.parquet"
        pl.DataFrame(rows, schema=schema, orient="row").write_parquet(path)
        for file in sorted(HERE.glob("*.yaml")):
            task = config.TaskExtractorConfig.load(file)
            counted = [name for name, one in task.predicates.items() if not one.static]
            table = predicates.get_predicates_df(task, DictConfig({"path": str(path), "standard": "MEDS"}))
            result = query.query(task, table)
            if len(result):
                result = result.drop_nulls("trigger").sort("subject_id", "trigger")
            sides = {name: "end" if window.root_node == "start" else "start"
                     for name, window in task.windows.items()}
            rows_found = []
            for row in result.iter_rows(named=True):
                counts = [row[f"{name}.{side}_summary"][one] for name, side in sides.items() for one in counted]
                rows_found.append([row["subject_id"], str(row["trigger"]), str(row["index_timestamp"]),
                                   row.get("label"), *counts])
            expected[file.stem] = {"counts": [[name, one] for name in sides for one in counted],
                                   "rows": rows_found}
            print(file.stem, len(rows_found), "of", len({row[0] for row in rows_found}), "subjects;",
                  "positive:", sum(1 for row in rows_found if row[3]))
    (HERE / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
