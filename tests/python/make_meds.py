"""Writes a MEDS folder with pyarrow, with further columns of many types, as another program might.

usage: make_meds.py ROOT

Two data files in nested folders, one zstd, one uncompressed; subject 1 has a static row. Prints nothing.
"""

import datetime
import decimal
import json
import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq

DAY = datetime.datetime(2020, 1, 2, 3, 4, 5)


def table(subjects: list, times: list, codes: list) -> pa.Table:
    count = len(subjects)
    columns = {
        "subject_id": pa.array(subjects, pa.int64()),
        "time": pa.array(times, pa.timestamp("us")),
        "code": pa.array(codes, pa.string()).dictionary_encode(),
        "numeric_value": pa.array([0.5, None, 2.0][:count], pa.float32()),
        "text_value": pa.array([None, "né", ""][:count], pa.large_string()),
        "int32": pa.array([1, None, -3][:count], pa.int32()),
        "uint64": pa.array([2**64 - 1, None, 4][:count], pa.uint64()),
        "half": pa.array([0.25, None, 1.5][:count], pa.float64()),
        "yes": pa.array([True, None, False][:count], pa.bool_()),
        "word": pa.array(["a", None, "b"][:count], pa.large_string()).dictionary_encode(),
        "list": pa.array([[1, None], None, []][:count], pa.list_(pa.int32())),
        "struct": pa.array([{"x": 1, "y": "z"}, None, {"x": None, "y": None}][:count]),
        "ns": pa.array([1_500, None, 2_000][:count], pa.timestamp("ns")),
        "ms": pa.array([7, None, -1][:count], pa.timestamp("ms")),
        "date": pa.array([datetime.date(2020, 2, 29), None, datetime.date(1, 1, 1)][:count]),
        "binary": pa.array([b"\x00\xff", None, b""][:count], pa.binary()),
        "decimal": pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("-2.25")][:count], pa.decimal128(10, 2)),
        "nothing": pa.nulls(count),
        "unit": pa.array(["mmol/L", None, "1"][:count]),
        "kind": pa.array(["observation", "of their own", None][:count]),
    }
    fields = [
        pa.field(name, values.type, nullable=name not in ("subject_id", "code")) for name, values in columns.items()
    ]
    return pa.table(list(columns.values()), schema=pa.schema(fields))


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = pathlib.Path(sys.argv[1])
    first, second = root / "data" / "train" / "0.parquet", root / "data" / "held_out" / "deep" / "0.parquet"
    for path in (first, second, root / "metadata" / "x"):
        path.parent.mkdir(parents=True, exist_ok=True)
    later = DAY + datetime.timedelta(microseconds=1)
    pq.write_table(table([1, 1, 1], [None, DAY, later], ["SEX//female", "LAB//K", "LAB//K"]), first, compression="zstd")
    pq.write_table(table([-9], [DAY], ["MEDS_BIRTH"]), second, compression="none")
    parents = pa.array([["LAB"], None], pa.list_(pa.string()))
    names = pa.array(["potassium", None])
    codes = {"code": ["LAB//K", "MEDS_BIRTH"], "description": names, "parent_codes": parents, "colour": ["red", "blue"]}
    pq.write_table(pa.table(codes), root / "metadata" / "codes.parquet")
    splits = pa.table({"subject_id": pa.array([1, -9], pa.int64()), "split": ["train", "held_out"]})
    pq.write_table(splits, root / "metadata" / "subject_splits.parquet")
    metadata = {"dataset_name": "other", "meds_version": "0.4.0", "created_at": "2025-01-01T00:00:00", "extra": 1}
    (root / "metadata" / "dataset.json").write_text(json.dumps(metadata))


if __name__ == "__main__":
    main()
