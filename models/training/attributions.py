"""Write ATTRIBUTIONS.md: every source of sound that the model was trained on, its authors and licence."""
import argparse
import csv
from collections import Counter
from pathlib import Path

from manifest import read_manifest

HEAD = """# Attributions

What `clameur-*.onnx` was trained on. Written by `training/attributions.py`; the weights are under CC BY 4.0.

## Live fire

ShotSpotter, Inc., live-fire tests, Pittsburgh PA, 18 December 2018, published with Technical Note 098
(R. B. Calhoun et al., arXiv:2108.07377) under CC BY 4.0. Resampled, cut into patches and mixed with other sounds.

## Teacher

YAMNet, Google, TensorFlow model garden (research/audioset/yamnet), Apache License 2.0. Its scores and embeddings taught the
model; its weights are not in it, and did not begin it.

## cc-sounds

Free recordings from a game's sound pack, as its credits name them. All were resampled, cut and mixed.

| file | author | licence | origin |
| --- | --- | --- | --- |
"""


def credits(folder):
    for path in sorted(folder.rglob("credits.md")):
        present = {p.name for p in path.parent.glob("*.ogg")}
        for line in path.read_text(encoding="utf-8").splitlines():
            cells = [c.strip().strip("*") for c in line.strip().strip("|").split("|")]
            if len(cells) >= 4 and cells[0] and cells[0] != "File Name" and not set(cells[0]) <= set("-: "):
                known = "" if cells[0] in present else " (as credited)"
                yield f"{path.parent.relative_to(folder)}/{cells[0]}{known}", *cells[1:4]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cc-sounds", type=Path, required=True)
    parser.add_argument("--sounds", type=Path, required=True, help="the folder that decode.py wrote")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    lines = [HEAD.rstrip("\n")]
    lines += ["| " + " | ".join(row) + " |" for row in credits(args.cc_sounds)]
    used = Counter()
    with open(args.sounds / "sounds.tsv", encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["split"] != "test":
                used[row["name"].split("/")[0]] += 1
    licences, versions = {}, {}
    for row in read_manifest():
        licences.setdefault(row["package"], Counter())[row["licence"] or "see the package's copyright file"] += 1
        versions[row["package"]] = row["version"]
    lines += ["", "## Debian packages", "",
              "Of Debian 12, but for cdogs-sdl-data, which is of Debian 13. The authors are named in each package's",
              "`/usr/share/doc/<package>/copyright`. Licences as the corpus'",
              "manifest gives them; \"package-level\" is the package's default, not read file by file.", "",
              "| package | version | sounds used | licences |", "| --- | --- | --- | --- |"]
    for package in sorted(set(used) & set(licences)):
        names = "; ".join(name for name, _ in licences[package].most_common(4)).replace("|", "/")
        lines.append(f"| {package} | {versions[package]} | {used[package]} | {names} |")
    args.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(len(lines), "lines")


if __name__ == "__main__":
    main()
