"""The figures that tests of tail areas, pooled ratios and order tests compare with.

Made with Python 3.11, scipy 1.17.1 and statsmodels 0.15.0: python statistics.py
Tables are [[both, first only], [second only, neither]].
"""

import numpy as np
from scipy import optimize, stats
from scipy.stats.contingency import odds_ratio
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

for x, df in [(0.1, 1), (3.84, 1), (700.0, 1), (5.0, 2), (12.3, 5), (1.2, 19), (900.0, 19), (2000.0, 2000), (3.0, 400)]:
    print("chi-squared", x, df, float(stats.chi2.sf(x, df)))
for k, n in [(0, 1), (3, 10), (5, 10), (7, 10), (400, 1000), (499000, 1000000), (620, 1000)]:
    print("coin", k, n, float(stats.binom.cdf(k, n, 0.5)))

# Admissions to six departments of Berkeley by sex (Bickel, Hammel and O'Connell, Science 1975;187:398).
BERKELEY = [
    [[512, 313], [89, 19]],
    [[353, 207], [17, 8]],
    [[120, 205], [202, 391]],
    [[138, 279], [131, 244]],
    [[53, 138], [94, 299]],
    [[22, 351], [24, 317]],
]
# Penicillin to rabbits (Agresti, Categorical Data Analysis, 1990, p. 226).
RABBITS = [
    [[0, 6], [0, 5]],
    [[3, 3], [0, 6]],
    [[6, 0], [2, 4]],
    [[5, 1], [6, 0]],
    [[2, 0], [5, 0]],
]
# Rare against rare, with empty cells.
SPARSE = [[[1, 4], [6, 189]], [[0, 3], [2, 95]], [[2, 0], [1, 57]], [[0, 1], [0, 29]], [[1, 2], [3, 294]]]


def pooled(name, tables):
    t = StratifiedTable([np.array(x, float) for x in tables])
    print(name, "odds", float(t.oddsratio_pooled), *map(float, t.oddsratio_pooled_confint()))
    print(name, "risk", float(t.riskratio_pooled))
    for correction in (False, True):
        r = t.test_null_odds(correction=correction)
        print(name, "null", correction, float(r.statistic), float(r.pvalue))
    for adjust in (False, True):
        try:
            r = t.test_equal_odds(adjust=adjust)
            print(name, "equal", adjust, float(r.statistic), float(r.pvalue))
        except Exception as error:
            print(name, "equal", adjust, error)


def exact(name, tables):
    law = np.array([1.0])
    lowest = seen = 0
    for (a, b), (c, d) in tables:
        n, first, second = a + b + c + d, a + b, a + c
        lo, hi = max(0, first + second - n), min(first, second)
        law = np.convolve(law, stats.hypergeom(n, first, second).pmf(np.arange(lo, hi + 1)))
        lowest, seen = lowest + lo, seen + a
    at = seen - lowest
    print(name, "exact p", float(law[law <= law[at] * (1 + 1e-7)].sum() / law.sum()))
    place = np.arange(len(law))

    def tilted(log_ratio):
        weights = np.log(law) + log_ratio * place
        weights = np.exp(weights - weights.max())
        return weights / weights.sum()

    for what, rising in [
        ("odds", lambda x: (tilted(x) * place).sum() - at),
        ("lower", lambda x: tilted(x)[at:].sum() - 0.025),
        ("upper", lambda x: 0.025 - tilted(x)[: at + 1].sum()),
    ]:
        print(name, "exact", what, float(np.exp(optimize.brentq(rising, -30, 30, xtol=1e-14))))


for name, tables in [("berkeley", BERKELEY), ("rabbits", RABBITS), ("sparse", SPARSE)]:
    pooled(name, tables)
    exact(name, tables)
for table in [[[3, 1], [1, 3]], [[7, 2], [12, 200]], [[5, 0], [3, 40]], [[0, 8], [9, 30]]]:
    r = odds_ratio(table, kind="conditional")
    ci = r.confidence_interval(0.95)
    print("single", table, float(stats.fisher_exact(table)[1]), float(r.statistic), float(ci.low), float(ci.high))
for first, second in [(30, 12), (5, 0), (7, 7), (900, 1100)]:
    z, p = proportions_ztest(first, first + second, value=0.5) if second else (None, None)
    low, high = proportion_confint(first, first + second, method="wilson")
    exact_p = stats.binomtest(first, first + second).pvalue
    print("order", first, second, z, p, float(exact_p), float(low), float(high))
