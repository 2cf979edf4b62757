"""AUC, and recall at a false-positive rate."""
import numpy as np


def auc(positive, negative):
    """Chance that a positive scores above a negative; ties count half."""
    if len(positive) == 0 or len(negative) == 0:
        return float("nan")
    scores = np.concatenate([positive, negative])
    order = np.argsort(scores, kind="mergesort")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    for value in np.unique(scores[np.flatnonzero(np.diff(np.sort(scores)) == 0)]):
        tied = scores == value
        ranks[tied] = ranks[tied].mean()
    n = len(positive)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * len(negative)))


def recall_at(positive, negative, rate=0.01):
    """(recall, threshold) where the share `rate` of the negatives scores above the threshold."""
    if len(positive) == 0 or len(negative) == 0:
        return float("nan"), float("nan")
    threshold = float(np.quantile(negative, 1 - rate))
    return float((positive > threshold).mean()), threshold
