"""The corpus' manifest: one line a sound, with what was found when its label was looked at.

`dropped` holds the reason where a sound is not used. Splits are by whole package for what raises alerts.
"""
import csv
from pathlib import Path

MANIFEST = Path(__file__).parent / "manifest.tsv"


def read_manifest(path=MANIFEST):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def packages(path=MANIFEST):
    """Package → version, of all packages that give a sound."""
    return {row["package"]: row["version"] for row in read_manifest(path) if not row["dropped"]}
