"""Write an 8-bit twin of an exported model: its convolutions quantised, the front end and the heads left as they are.

Weights take 7 bits: without VNNI, a CPU adds pairs of 8-bit products in 16 bits, which would overflow, and hear otherwise.
Prints how far its scores stray and what either costs, so that it ships only where it loses nothing.
"""
import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from classes import ALERTS, CLASSES
from evaluate import Model, speed
from metrics import auc, recall_at


def validation(folder):
    """(samples [n, 16000] of ±1, labels [n, 3]) of a folder of patches.py."""
    parts = sorted(folder.glob("patches.*.npy"))
    samples = np.concatenate([np.load(p) for p in parts]).astype(np.float32) / 32768
    return samples, np.concatenate([np.load(folder / p.name.replace("patches", "labels")) for p in parts]).astype(np.float32)


class Reader(CalibrationDataReader):
    def __init__(self, samples):
        self.batches = iter(np.split(samples, range(16, len(samples), 16)))

    def get_next(self):
        batch = next(self.batches, None)
        return None if batch is None else {"waveform": batch}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--calibrate", type=int, default=512, help="patches that set the ranges")
    parser.add_argument("--out", type=Path, required=True, help="the .onnx to write, with its .json")
    args = parser.parse_args()
    samples, labels = validation(args.val)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    ready = args.out.with_suffix(".ready.onnx")
    quant_pre_process(str(args.model), str(ready), skip_symbolic_shape=True)
    quantize_static(str(ready), str(args.out), Reader(samples[: args.calibrate]), quant_format=QuantFormat.QDQ, per_channel=True, reduce_range=True,
                    op_types_to_quantize=["Conv"], activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
    ready.unlink()
    sidecar = json.loads(args.model.with_suffix(".json").read_text())
    sidecar["sha256"] = hashlib.sha256(args.out.read_bytes()).hexdigest()
    args.out.with_suffix(".json").write_text(json.dumps(sidecar, indent=2) + "\n")
    heard = samples[args.calibrate:], labels[args.calibrate:]
    found = {"float": Model(args.model), "8 bits": Model(args.out)}
    scores = {name: model(heard[0]) for name, model in found.items()}
    whole, small = scores.values()
    print(f"scores stray by {np.abs(whole - small)[:, :ALERTS].mean():.4f} in the mean, {np.abs(whole - small)[:, :ALERTS].max():.3f} at most")
    for name, model in found.items():
        figures = []
        for c in range(ALERTS):
            positive, negative = scores[name][heard[1][:, c] == 1, c], scores[name][heard[1][:, c] == 0, c]
            figures.append(f"{CLASSES[c]} AUC {auc(positive, negative):.4f}, recall at 1 % {recall_at(positive, negative)[0]:.3f}")
        least, median = speed(model)
        print(f"{name}: " + "; ".join(figures) + f"; {least:.2f} ms a second of sound at best, {median:.2f} in the median")


if __name__ == "__main__":
    main()
