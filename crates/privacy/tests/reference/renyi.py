"""Rényi divergences of the subsampled Gaussian at orders that are not whole, by integration in 40 digits.

Usage: python renyi.py > renyi.json          (mpmath 1.3 or later)
Mironov, Talwar and Zhang 2019, equation 3, integrated as it stands.
"""

import json

from mpmath import exp, log, mp, mpf, npdf, quad

mp.dps = 40


def divergence(rate, sigma, order):
    rate, sigma, order = mpf(rate), mpf(sigma), mpf(order)

    def integrand(z):
        ratio = 1 - rate + rate * exp((2 * z - 1) / (2 * sigma**2))
        return npdf(z, 0, sigma) * ratio**order

    first, last = -15 * sigma, order + 15 * sigma
    cuts = [first + (last - first) * k / 60 for k in range(61)]
    return log(quad(integrand, cuts)) / (order - 1)


rows = [
    {"q": float(q), "sigma": float(s), "order": float(a), "rdp": float(divergence(q, s, a))}
    for q in ("0.001", "0.01", "0.05", "0.2")
    for s in ("0.6", "1.0", "3.0")
    for a in ("1.1", "1.5", "2.5", "4.7", "10.9")
]
print(json.dumps({"source": "renyi.py, mpmath " + __import__("mpmath").__version__, "rows": rows}, indent=0))
