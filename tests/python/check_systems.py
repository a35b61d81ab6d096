"""Reads a study's systems of record and their ledger with pyarrow and holds them to what is promised.

usage: check_systems.py STUDY

Checks the types and nullability of the columns that every system's table has, that an artefact's id
stands once over all systems, that every patient number of a table is registered or named by a
wrong-patient entry of the ledger, that every NHS number has its check digit, and that the ledger tells
of known systems. Prints {"systems": {name: rows}, "kinds": {name: {kind: rows}}, "ledger": rows,
"people": rows, "columns": {name: [column]}} as JSON, or what is wrong.
"""

import json
import pathlib
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SYSTEMS = [
    "gp",
    "pas",
    "laboratory",
    "radiology",
    "emergency",
    "outpatients",
    "prescribing",
    "correspondence",
]
WORD = pa.dictionary(pa.int32(), pa.string())
COMMON = {
    "id": (pa.int64(), False),
    "patient": (pa.int64(), False),
    "kind": (WORD, False),
    "recorded": (pa.timestamp("us"), False),
    "nhs_number": (pa.int64(), True),
    "date_of_birth": (pa.date32(), True),
    "sex": (WORD, True),
}
LEDGER = {
    "subject_id": (pa.int64(), False),
    "system": (WORD, False),
    "artefact": (pa.int64(), False),
    "artefact_kind": (WORD, False),
    "field": (WORD, True),
    "truth": (pa.string(), True),
    "recorded": (pa.string(), True),
    "kind": (WORD, False),
}


def demand(condition: bool, message: str) -> None:
    if not condition:
        sys.exit(message)


def read(path: pathlib.Path, columns: dict) -> pa.Table:
    table = pq.read_table(path)
    for name, (kind, nullable) in columns.items():
        demand(name in table.column_names, f"{path.name} lacks {name}")
        field = table.schema.field(name)
        demand(field.type == kind, f"{path.name}: {name} is {field.type}, not {kind}")
        demand(field.nullable == nullable, f"{path.name}: {name} nullable: {field.nullable}")
        demand(nullable or table[name].null_count == 0, f"{path.name}: {name} has nulls")
    return table


def words(column: pa.ChunkedArray) -> list:
    return column.cast(pa.string()).to_pylist()


def check_digit(number: int) -> bool:
    digits = [int(digit) for digit in f"{number:010d}"]
    check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return check % 11 == digits[9] and check != 10


def main() -> None:
    study = pathlib.Path(sys.argv[1])
    ledger = read(study / "truth/ledger.parquet", LEDGER)
    demand(set(words(ledger["system"])) <= set(SYSTEMS), "the ledger names an unknown system")
    misfiled = {
        (system, int(recorded))
        for system, field, recorded in zip(
            words(ledger["system"]), words(ledger["field"]), ledger["recorded"].to_pylist(), strict=True
        )
        if field == "patient"
    }
    registrations = pq.read_table(study / "truth/registrations.parquet")
    registered = set(
        zip(words(registrations["system"]), registrations["patient"].to_pylist(), strict=True)
    )
    people = pq.read_table(study / "truth/people.parquet")
    numbers = people["nhs_number"].to_pylist()
    demand(len(set(numbers)) == len(numbers), "an NHS number stands twice among the people")
    demand(all(map(check_digit, numbers)), "an NHS number has a wrong check digit")

    result = {"systems": {}, "kinds": {}, "columns": {}}
    seen: set[int] = set()
    found = {path.stem for path in (study / "records/systems").glob("*.parquet")}
    demand(found == set(SYSTEMS), f"tables of {sorted(found)}")
    for system in SYSTEMS:
        table = read(study / "records/systems" / f"{system}.parquet", COMMON)
        ids = table["id"].to_pylist()
        demand(ids == sorted(ids), f"{system}: ids out of order")
        demand(seen.isdisjoint(ids) and len(set(ids)) == len(ids), f"{system}: an id stands twice")
        seen.update(ids)
        for patient in pc.unique(table["patient"]).to_pylist():
            known = (system, patient) in registered or (system, patient) in misfiled
            demand(known, f"{system}: a patient is neither registered nor misfiled")
        stated = [number for number in table["nhs_number"].to_pylist() if number is not None]
        demand(all(map(check_digit, stated)), f"{system}: an NHS number has a wrong check digit")
        kinds = words(table["kind"])
        result["systems"][system] = table.num_rows
        result["kinds"][system] = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
        result["columns"][system] = table.column_names
    result["ledger"] = ledger.num_rows
    result["people"] = people.num_rows
    print(json.dumps(result))


if __name__ == "__main__":
    main()
