"""Counts the resources in an archive of FHIR bundles, with Python's standard library alone.

usage: count_fhir.py ARCHIVE.tar[.gz|.xz|.bz2]

Prints {"bundles": n, "resources": {type: n}} as JSON; contained resources are not counted.
"""

import collections
import json
import sys
import tarfile


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    bundles = 0
    resources: collections.Counter[str] = collections.Counter()
    with tarfile.open(sys.argv[1], "r|*") as archive:
        for member in archive:
            if not member.isfile() or not member.name.endswith(".json"):
                continue
            bundle = json.load(archive.extractfile(member))
            if bundle.get("resourceType") != "Bundle":
                sys.exit(f"{member.name} is no Bundle")
            bundles += 1
            resources.update(entry["resource"]["resourceType"] for entry in bundle["entry"])
    json.dump({"bundles": bundles, "resources": dict(sorted(resources.items()))}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
