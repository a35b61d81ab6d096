"""Prints the reference numbers of tests/synthetic: scipy 1.17.1, scikit-learn 1.9.1, pandas, SDMetrics 0.32.0."""

import numpy as np
import pandas as pd
from scipy import stats
from sdmetrics.reports.single_table import QualityReport
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score


def table(n, seed, shift):
    """The same rows as `small::table` makes."""
    state = seed
    def draw():
        nonlocal state
        state = (state * 1103515245 + 12345) % 2147483648
        return state / 2147483648
    rows = []
    for _ in range(n):
        u, v, w, z, m = [draw() for _ in range(5)]
        age = round(40 + 40 * u + shift, 1)
        bp = round(90 + 0.6 * age + 30 * v, 1)
        los = round(-8 * np.log(1 - w) * (1 + shift / 20), 2)
        sex = "f" if z < 0.45 + shift / 40 else "m"
        ward = "a" if u + v < 0.8 else ("b" if u + v < 1.3 else "c")
        event = "1" if (u + w + m) / 3 > 0.5 else "0"
        rows.append((age, None if m < 0.1 else bp, los, sex, None if z > 0.95 else ward, event))
    return pd.DataFrame(rows, columns=["age", "bp", "los", "sex", "ward", "event"])


def encode(fit, data):
    """Z-scores, marks of what is missing, one-hot categories."""
    columns = []
    for name in ("age", "bp"):
        mean, spread = fit[name].mean(), fit[name].std(ddof=0)
        columns.append(((data[name] - mean) / spread).fillna(0).values)
        if name == "bp":
            columns.append(data[name].isna().astype(float).values)
    for name, words in (("sex", "fm"), ("ward", "abc")):
        columns += [(data[name] == word).astype(float).values for word in words]
    columns.append(data.ward.isna().astype(float).values)
    return np.array(columns).T


real, synthetic, holdout = table(300, 1, 0.0), table(240, 7, 3.0), table(200, 99, 0.0)
NUMBERS = ["age", "bp", "los"]
META = {"columns": {c: {"sdtype": "numerical" if c in NUMBERS else "categorical"} for c in real}}

for name in NUMBERS:
    left, right = real[name].dropna(), synthetic[name].dropna()
    print(name, stats.ks_2samp(left, right).statistic, stats.wasserstein_distance(left, right) / left.std(ddof=0))
for method in ("pearson", "spearman"):
    gap = (real[NUMBERS].corr(method) - synthetic[NUMBERS].corr(method)).abs().values
    print(method, gap[np.triu_indices(3, 1)].mean())
for thresholds in ("default", "none"):
    report = QualityReport()
    if thresholds == "none":
        report.real_correlation_threshold = report.real_association_threshold = 0
    report.generate(real, synthetic, META, verbose=False)
    print(thresholds, report.get_score(), report.get_properties().Score.tolist())
for train in (real, synthetic):
    model = LogisticRegression(C=1, tol=1e-12, max_iter=100000).fit(encode(train, train), train.event == "1")
    print("transfer", roc_auc_score(holdout.event == "1", model.predict_proba(encode(train, holdout))[:, 1]))

# The rest is on the rows where nothing is missing.
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test
from lifelines.utils import restricted_mean_survival_time
from prdc import compute_prdc
from sdmetrics.single_table import (
    ContinuousKLDivergence, CSTest, DiscreteKLDivergence, GMLogLikelihood, KSComplement, LogisticDetection, SVCDetection,
)
from sklearn.decomposition import PCA

print("with gaps", ContinuousKLDivergence.compute(real.copy(), synthetic.copy(), META))
left, right = real.dropna(), synthetic.dropna()
for metric in (CSTest, KSComplement, ContinuousKLDivergence, DiscreteKLDivergence):
    print(metric.__name__, metric.compute(left.copy(), right.copy(), META))
for metric in (LogisticDetection, SVCDetection):
    drawn = [metric.compute(left.copy(), right.copy(), META) for _ in range(20)]
    print(metric.__name__, np.mean(drawn), np.std(drawn))
print("GMLogLikelihood", [GMLogLikelihood.compute(left.copy(), right.copy(), META) for _ in range(3)])
scale = lambda data: ((data[NUMBERS] - left[NUMBERS].mean()) / left[NUMBERS].std(ddof=0)).values
print(compute_prdc(scale(left), scale(right), 5))
components = PCA(2).fit(scale(left))
print(components.explained_variance_ratio_, components.components_, components.transform(scale(right))[0])

tested = logrank_test(real.los, synthetic.los, real.event == "1", synthetic.event == "1")
print("log-rank", tested.test_statistic, tested.p_value)
curves = [KaplanMeierFitter().fit(data.los, data.event == "1") for data in (real, synthetic)]
horizon = min(real.los.max(), synthetic.los.max())
print("restricted means", horizon, [restricted_mean_survival_time(curve, t=horizon) for curve in curves])
times = np.unique(np.concatenate([curve.survival_function_.index for curve in curves] + [[horizon]]))
times = times[times <= horizon]
gaps = np.abs(curves[0].predict(times).values - curves[1].predict(times).values)
print("differences", gaps.max(), (gaps[:-1] * np.diff(times)).sum() / horizon)
marks = [data[["bp", "ward"]].isna() for data in (real, synthetic)]
print("gaps", (marks[0].mean() - marks[1].mean()).abs().mean(), abs(marks[0].corr().iloc[0, 1] - marks[1].corr().iloc[0, 1]))
