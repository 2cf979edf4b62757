"""AUC, average precision, recall at a false-positive rate, intervals by bootstrap."""
import numpy as np


def auc(positive, negative):
    """Chance that a positive scores above a negative; ties count half."""
    if len(positive) == 0 or len(negative) == 0:
        return float("nan")
    ordered = np.sort(negative)
    below, up_to = np.searchsorted(ordered, positive, "left"), np.searchsorted(ordered, positive, "right")
    return float((below + up_to).mean() / 2 / len(negative))


def average_precision(positive, negative):
    """Mean over the positives of the precision at each one's score; ties count against the positive."""
    if len(positive) == 0:
        return float("nan")
    rank = lambda scores: np.array([(scores >= s).sum() for s in positive])
    hits = rank(positive)
    return float((hits / (hits + rank(negative))).mean())


def recall_at(positive, negative, rate=0.01):
    """(recall, threshold) where the share `rate` of the negatives scores above the threshold."""
    if len(positive) == 0 or len(negative) == 0:
        return float("nan"), float("nan")
    threshold = float(np.quantile(negative, 1 - rate))
    return float((positive > threshold).mean()), threshold


def recall_interval(positive, negative, rate=0.01, draws=500, seed=1):
    """95 % interval of the recall, positives and negatives drawn again with replacement."""
    rng = np.random.default_rng(seed)
    again = lambda x: x[rng.integers(0, len(x), len(x))]
    found = [recall_at(again(positive), again(negative), rate)[0] for _ in range(draws)]
    return float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))
