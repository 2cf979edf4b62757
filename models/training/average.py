"""The average of several models' weights, of one run: stages that went on from one another lie so near together that their average is a
model too, and hears more evenly than any of them. The heads that only training needs are the last one's."""
import argparse
from pathlib import Path

import torch

from network import restored


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, nargs="+", required=True, help="of train.py (.pt), or published (.onnx); a .pt last")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    saved = torch.load(args.models[-1])
    states = [restored(path, saved["trunk"]).state_dict() if path.suffix == ".onnx" else torch.load(path)["state"] for path in args.models]
    for key, value in saved["state"].items():
        if value.dtype.is_floating_point and not key.startswith(("everything", "embedding")):
            value.copy_(torch.stack([state[key] for state in states]).mean(0))
    torch.save(saved, args.out)


if __name__ == "__main__":
    main()
