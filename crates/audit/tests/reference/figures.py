"""Prints the figures that ../reference.rs expects.

Run with scikit-learn 1.9.1, statsmodels 0.15.0, scipy 1.17.1, numpy 2.4.6:
    python figures.py
The instances are made by the same integer arithmetic as in reference.rs.
"""

import numpy as np
import statsmodels.api as sm
from statsmodels.nonparametric.smoothers_lowess import lowess
from statsmodels.stats.multitest import multipletests
from scipy.stats import norm
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score


def instances(n=60):
    """Labels and two models' probabilities; the first model's are rounded, so that many tie."""
    y, p, q = [], [], []
    state = 12345
    for _ in range(n):
        draws = []
        for _ in range(3):
            state = (state * 1103515245 + 12345) % 2**31
            draws.append((state >> 8) / 2**23)
        risk = 0.05 + 0.6 * draws[0]
        y.append(1 if draws[1] < risk else 0)
        p.append(np.floor(risk * 16 + 0.5) / 16)
        q.append(0.02 + 0.96 * (0.5 * draws[0] + 0.5 * draws[2]))
    return np.array(y), np.clip(np.array(p), 1 / 16, 15 / 16), np.array(q)


def placements(y, p):
    pos, neg = p[y == 1], p[y == 0]
    wins = (pos[:, None] > neg[None, :]) + 0.5 * (pos[:, None] == neg[None, :])
    return wins.mean(axis=1), wins.mean(axis=0)


def main():
    y, p, q = instances()
    print("positives", y.sum())
    for name, score in (("p", p), ("q", q)):
        logit = np.log(score / (1 - score))
        line = sm.GLM(y, sm.add_constant(logit), family=sm.families.Binomial()).fit(tol=1e-14)
        shift = sm.GLM(y, np.ones(len(y)), family=sm.families.Binomial(), offset=logit).fit(tol=1e-14)
        v10, v01 = placements(y, score)
        error = np.sqrt(v10.var(ddof=1) / len(v10) + v01.var(ddof=1) / len(v01))
        print(name, "auroc", repr(roc_auc_score(y, score)), "delong error", repr(error))
        print(name, "average precision", repr(average_precision_score(y, score)))
        print(name, "brier", repr(brier_score_loss(y, score)))
        print(name, "intercept, slope", repr(line.params[0]), repr(line.params[1]))
        print(name, "in the large", repr(shift.params[0]))
        curve = np.clip(lowess(y, score, frac=0.75, it=0, delta=0, return_sorted=False), 0, 1)
        distance = np.abs(curve - score)
        quantiles = np.quantile(distance, [0.5, 0.9], method="inverted_cdf")
        print(name, "ICI, E50, E90", repr(distance.mean()), repr(quantiles))
        order = np.argsort(-score, kind="stable")
        print(name, "precision, recall at 0.2", y[order][:12].mean(), y[order][:12].sum() / y.sum())
    a, b = placements(y, p), placements(y, q)
    difference = a[0].mean() - b[0].mean()
    error = np.sqrt((a[0] - b[0]).var(ddof=1) / y.sum() + (a[1] - b[1]).var(ddof=1) / (1 - y).sum())
    print("difference", repr(difference), "p", repr(2 * norm.sf(abs(difference / error))))
    p_values = [0.04, 0.001, 0.03, 0.03, 0.9, 0.012, 0.5]
    for method in ("holm", "fdr_bh"):
        print(method, multipletests(p_values, method=method)[1].tolist())
    for z in (0.5, 1.959963984540054, 2.9, -5.0):
        print("two-sided p", z, repr(2 * norm.sf(abs(z))))


if __name__ == "__main__":
    main()
