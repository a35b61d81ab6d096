"""Reads a MEDS folder with pyarrow and holds it to MEDS 0.4.1.

usage: check_meds.py ROOT

Checks the types and nullability of every schema, that a subject's rows stand together in one file in
order of time with static rows first, that codes.parquet names every code once, that splits name each
subject at most once, and that dataset.json has the fields of the standard. Prints {"rows": n,
"subjects": n, "files": n, "codes": n, "columns": {name: type}, "numeric_sum": x} as JSON, or what is wrong.
"""

import datetime
import json
import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq

REQUIRED = {
    "subject_id": (pa.int64(), False),
    "time": (pa.timestamp("us"), True),
    "code": (pa.string(), False),
    "numeric_value": (pa.float32(), True),
    "text_value": (pa.large_string(), True),
}
METADATA_FIELDS = [
    "dataset_name",
    "etl_name",
    "etl_version",
    "meds_version",
    "raw_source_id_columns",
    "code_modifier_columns",
    "additional_value_modality_columns",
    "site_id_columns",
    "other_extension_columns",
]


def demand(condition: bool, message: str) -> None:
    if not condition:
        sys.exit(f"not MEDS 0.4: {message}")


def check_field(schema: pa.Schema, name: str, kind: pa.DataType, nullable: bool, place: str) -> None:
    demand(name in schema.names, f"{place} has no column {name}")
    field = schema.field(name)
    demand(field.type == kind, f"{place}: {name} has type {field.type}; permitted: {kind}")
    demand(field.nullable == nullable, f"{place}: {name} nullable is {field.nullable}; permitted: {nullable}")


def check_order(table: pa.Table, seen: set, place: str) -> None:
    last_subject, last_time = None, None
    subjects = table.column("subject_id").to_pylist()
    times = table.column("time").cast(pa.int64()).to_pylist()
    for row, (subject, time) in enumerate(zip(subjects, times)):
        if subject != last_subject:
            demand(subject not in seen, f"{place}:{row}: rows of a subject stand apart")
            seen.add(subject)
        else:
            in_order = last_time is None or (time is not None and time >= last_time)
            demand(in_order, f"{place}:{row}: time goes back")
        last_subject, last_time = subject, time


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = pathlib.Path(sys.argv[1])
    files = sorted((root / "data").rglob("*.parquet"))
    demand(bool(files), "there is no data/**/*.parquet")
    seen, codes, rows, total, schema = set(), set(), 0, 0.0, None
    for path in files:
        place = str(path.relative_to(root))
        table = pq.read_table(path, partitioning=None)
        for name, (kind, nullable) in REQUIRED.items():
            check_field(table.schema, name, kind, nullable, place)
        demand(schema is None or schema.equals(table.schema), f"{place}: schema differs from the first file's")
        schema = table.schema
        check_order(table, seen, place)
        codes.update(table.column("code").unique().to_pylist())
        values = [value for value in table.column("numeric_value").to_pylist() if value is not None]
        total += sum(values)
        rows += table.num_rows

    table = pq.read_table(root / "metadata" / "codes.parquet")
    for name, kind, nullable in [
        ("code", pa.string(), False),
        ("description", pa.string(), True),
        ("parent_codes", pa.list_(pa.string()), True),
    ]:
        check_field(table.schema, name, kind, nullable, "codes.parquet")
    described = table.column("code").to_pylist()
    demand(len(described) == len(set(described)), "codes.parquet names a code twice")
    demand(codes <= set(described), "codes.parquet lacks a code")

    table = pq.read_table(root / "metadata" / "subject_splits.parquet")
    demand(table.schema.names == ["subject_id", "split"], "subject_splits.parquet has other columns")
    check_field(table.schema, "subject_id", pa.int64(), False, "subject_splits.parquet")
    check_field(table.schema, "split", pa.string(), False, "subject_splits.parquet")
    split_subjects = table.column("subject_id").to_pylist()
    demand(len(split_subjects) == len(set(split_subjects)), "subject_splits.parquet names a subject twice")

    metadata = json.loads((root / "metadata" / "dataset.json").read_text())
    for name in METADATA_FIELDS:
        demand(name in metadata, f"dataset.json has no {name}")
    demand(metadata["meds_version"].startswith("0.4"), "meds_version is not 0.4")
    if "created_at" in metadata:
        datetime.datetime.fromisoformat(metadata["created_at"])
    for name in METADATA_FIELDS[4:]:
        for column in metadata[name]:
            demand(column in schema.names, f"dataset.json {name} names {column}, which is no column")

    report = {
        "rows": rows,
        "subjects": len(seen),
        "files": len(files),
        "codes": len(described),
        "columns": {field.name: str(field.type) for field in schema},
        "numeric_sum": total,
    }
    json.dump(report, sys.stdout)
    print()


if __name__ == "__main__":
    main()
