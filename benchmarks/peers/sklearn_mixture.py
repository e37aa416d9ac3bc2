"""Centres of a mixture of Gaussians by k-means and by EM, on the samples that `recover` exports: the
fraction of the true centres that are found (cosine above 0.95, best matching), mean and standard
deviation over the seeds.

    apt-get install python3-sklearn
    build/apps/recover --model mixture --start random --bias-start 0.1 --steps 300 --batch 2048 \\
        --seed 11 --export exported
    /usr/bin/python3 benchmarks/peers/sklearn_mixture.py exported --sigma 0.05

Each method starts once (n_init=1), as one run of `recover` does: from samples or by k-means++. EM
starts at the noise's true precision; its spherical covariances and weights are then its own.
"""

import argparse
import pathlib
import time

import numpy
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans, kmeans_plusplus
from sklearn.mixture import GaussianMixture


def recovered(centres, atoms):
    norms = numpy.linalg.norm(centres, axis=1, keepdims=True)
    cosines = (centres / norms) @ atoms.T
    return numpy.mean(cosines[linear_sum_assignment(-cosines)] > 0.95)


def starts(x, count, seed):
    random = numpy.random.RandomState(seed)
    return {
        "from samples": x[random.choice(len(x), count, replace=False)],
        "k-means++": kmeans_plusplus(x, count, random_state=seed)[0],
    }


def k_means(x, start, seed, sigma):
    return KMeans(len(start), init=start, n_init=1, max_iter=1000).fit(x).cluster_centers_


def em(x, start, seed, sigma):
    model = GaussianMixture(
        len(start),
        covariance_type="spherical",
        means_init=start,
        precisions_init=numpy.full(len(start), sigma**-2),
        weights_init=numpy.full(len(start), 1 / len(start)),
        max_iter=1000,
    )
    return model.fit(x).means_


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=pathlib.Path, help="what `recover --export` wrote")
    parser.add_argument("--sigma", type=float, default=0.05, help="standard deviation of the noise")
    options = parser.parse_args()
    files = sorted(options.folder.glob("samples-*.npy"))
    if not files:
        raise SystemExit(f"{options.folder}: no samples-SEED.npy there")
    found, seconds = {}, {}
    for file in files:
        seed = int(file.stem.split("-")[1])
        x = numpy.load(file).astype(float)
        atoms = numpy.load(file.with_name(f"dictionary-{seed}.npy"))
        for name, start in starts(x, len(atoms), seed).items():
            for method in (k_means, em):
                began = time.process_time()
                centres = method(x, start, seed, options.sigma)
                key = f"{method.__name__.replace('_', '-')}, start {name}"
                seconds.setdefault(key, []).append(time.process_time() - began)
                found.setdefault(key, []).append(recovered(centres, atoms))
    for key, values in found.items():
        spread = numpy.std(values, ddof=1) if len(values) > 1 else float("nan")
        print(f"{key:32s} {numpy.mean(values):.3f} ({spread:.3f}), "
              f"{numpy.mean(seconds[key]):.2f} s of processor time a run")


if __name__ == "__main__":
    main()
