"""Takes the first files of a tar archive.

usage: take_bundles.py ARCHIVE FOLDER COUNT
"""

import pathlib
import sys
import tarfile


def main() -> None:
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    taken = 0
    with tarfile.open(sys.argv[1]) as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".json") and taken < int(sys.argv[3]):
                name = pathlib.PurePosixPath(member.name).name
                (folder / name).write_bytes(archive.extractfile(member).read())
                taken += 1


if __name__ == "__main__":
    main()
