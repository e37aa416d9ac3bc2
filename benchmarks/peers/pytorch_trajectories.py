"""Training of three small networks in PyTorch, in double precision, for tests/model/pytorch.cpp:
losses of 100 steps, and the weights at the end as two sums. Weights and data are fractions of
powers of two by a formula, which both sides compute exactly. Writes tests/golden/pytorch.json.

    apt-get install python3-torch
    /usr/bin/python3 benchmarks/peers/pytorch_trajectories.py

What PyTorch defines otherwise: AdamW decays biases too (here they are a group without decay), and
clip_grad_norm_ divides by norm + 1e-6 (here by the norm). A run that makes more than 1e-13 of a
rounding of its weights at the start compares nothing, and is refused: Adam with short memories
swings about the minimum like that.
"""

import json
import math
import pathlib

import torch

STEPS = 100
SHOWN = [0, 1, 2, 5, 10, 20, 50, 99]

# sizes to the code, hidden and output activation, biases, tied, loss, gamma of l2
NETWORKS = {
    "linear": ([6, 3], None, None, False, False, "half_squared_error", 0.0),
    "tanh": ([7, 5, 2], torch.tanh, None, True, False, "mean_squared_error", 0.0),
    "relu": ([6, 4], torch.relu, torch.sigmoid, True, True, "cross_entropy", 0.01),
}
RULES = [
    ("sgd:0.5", "constant"),
    ("sgd:0.5", "step:20:0.5"),
    ("sgd:0.5", "cosine:80"),
    ("sgd:0.5", "1/t:20"),
    ("sgd:0.5", "cosine:100:warmup=10"),
    ("sgd:0.5:clip=0.25", "constant"),
    ("sgd:0.1:momentum=0.9", "constant"),
    ("sgd:0.1:nesterov=0.9", "constant"),
    ("sgd:0.1:nesterov=0.9", "cosine:100"),
    ("adam:0.02", "constant"),
    ("adam:0.02:beta1=0.8:beta2=0.99:epsilon=0.01", "constant"),
    ("adam:0.02", "step:30:0.25:warmup=5"),
    ("adamw:0.02:decay=0.1", "constant"),
    ("adamw:0.02:decay=0.1", "cosine:100"),
    ("rmsprop:0.01", "constant"),
    ("rmsprop:0.01:smoothing=0.9:epsilon=0.01", "1/t:50"),
]


def fraction(k, rows, columns):
    """Of parameter k: (13 i + 7 j + 5 k mod 19 - 9) / 32."""
    i = torch.arange(rows).reshape(-1, 1)
    j = torch.arange(columns).reshape(1, -1)
    return ((13 * i + 7 * j + 5 * k) % 19 - 9).double() / 32


def data(columns, rows=10):
    """(11 b + 5 d^2 + 3 b d mod 17) / 16: shares"""
    b = torch.arange(rows).reshape(-1, 1)
    d = torch.arange(columns).reshape(1, -1)
    return ((11 * b + 5 * d * d + 3 * b * d) % 17).double() / 16


class Network:
    def __init__(self, sizes, hidden, output, biases, tied, loss, gamma):
        self.hidden, self.output, self.tied, self.gamma = hidden, output, tied, gamma
        self.loss = loss
        self.weights, self.biases, self.parameters = [], [], []
        shapes = list(zip(sizes, sizes[1:])) + list(zip(sizes[::-1], sizes[-2::-1]))
        for layer, (inputs, outputs) in enumerate(shapes):
            if tied and layer == len(shapes) // 2:
                self.weights.append(None)
            else:
                self.weights.append(self.add(outputs, inputs))
            self.biases.append(self.add(1, outputs) if biases else 0)

    def add(self, rows, columns):
        parameter = fraction(len(self.parameters), rows, columns).requires_grad_()
        self.parameters.append(parameter)
        return parameter

    def is_bias(self, parameter):
        return any(parameter is b for b in self.biases)

    def __call__(self, x):
        for layer, (w, b) in enumerate(zip(self.weights, self.biases)):
            x = x @ (self.weights[0] if w is None else w.T) + b
            last = layer + 1 == len(self.weights)
            activation = self.output if last else self.hidden
            x = activation(x) if activation else x
        return x

    def error(self, x):
        y = self(x)
        if self.loss == "half_squared_error":
            error = ((y - x) ** 2).sum() / (2 * len(x))
        elif self.loss == "mean_squared_error":
            error = torch.nn.functional.mse_loss(y, x)
        else:
            error = torch.nn.functional.binary_cross_entropy(y, x, reduction="sum") / len(x)
        if self.gamma:
            for w in self.weights:
                if w is not None:
                    error = error + self.gamma / 2 * (w**2).sum()
        return error


def keyed(text):
    name, rate, *rest = text.split(":")
    return name, float(rate), {key: float(value) for key, value in (r.split("=") for r in rest)}


def optimiser(text, network):
    name, rate, keys = keyed(text)
    betas = (keys.get("beta1", 0.9), keys.get("beta2", 0.999))
    epsilon = keys.get("epsilon", 1e-8)
    decay = keys.get("decay", 0.01)
    groups = [
        {"params": [p], "weight_decay": 0 if network.is_bias(p) or name != "adamw" else decay}
        for p in network.parameters
    ]
    if name == "sgd":
        momentum = keys.get("momentum", keys.get("nesterov", 0.0))
        return torch.optim.SGD(groups, lr=rate, momentum=momentum, nesterov="nesterov" in keys)
    if name == "adam":
        return torch.optim.Adam(groups, lr=rate, betas=betas, eps=epsilon)
    if name == "adamw":
        return torch.optim.AdamW(groups, lr=rate, betas=betas, eps=epsilon)
    return torch.optim.RMSprop(groups, lr=rate, alpha=keys.get("smoothing", 0.99), eps=epsilon)


def schedule(text, rule):
    """PyTorch's own where there is one, and a formula for 1/t and for warm-up by a product."""
    parts = text.split(":")
    warm_up = int(parts.pop().split("=")[1]) if "warmup" in parts[-1] else 0
    name, numbers = parts[0], [float(x) for x in parts[1:]]
    lr_scheduler = torch.optim.lr_scheduler
    if not warm_up and name == "step":
        return lr_scheduler.StepLR(rule, int(numbers[0]), numbers[1])
    if not warm_up and name == "cosine" and numbers[0] >= STEPS:
        return lr_scheduler.CosineAnnealingLR(rule, int(numbers[0]))
    after = {
        "constant": lambda t: 1.0,
        "step": lambda t: numbers[1] ** (t // numbers[0]),
        "cosine": lambda t: (1 + math.cos(math.pi * min(1.0, t / numbers[0]))) / 2,
        "1/t": lambda t: 1 / (1 + t / numbers[0]),
    }[name]
    factor = lambda t: after(t) * (min(1.0, (t + 1) / warm_up) if warm_up else 1.0)
    return lr_scheduler.LambdaLR(rule, factor)


def clip(text, parameters):
    limit = keyed(text)[2].get("clip", math.inf)
    norm = math.sqrt(sum(float((p.grad**2).sum()) for p in parameters))
    if norm > limit:
        for p in parameters:
            p.grad *= limit / norm


def run(name, text, rate, off=0.0):
    network = Network(*NETWORKS[name])
    for p in network.parameters:
        p.data *= 1 + off
    x = data(NETWORKS[name][0][0])
    rule = optimiser(text, network)
    rates = schedule(rate, rule)
    losses = []
    for _ in range(STEPS):
        rule.zero_grad()
        loss = network.error(x)
        loss.backward()
        losses.append(loss.item())
        clip(text, network.parameters)
        rule.step()
        rates.step()
    flat = torch.cat([p.detach().flatten() for p in network.parameters])
    mixed = (flat * (torch.arange(len(flat)) % 5 - 2.5)).sum().item()
    return {
        "network": name,
        "optimiser": text,
        "schedule": rate,
        "losses": [losses[t] for t in SHOWN],
        "squares": (flat**2).sum().item(),
        "mixed": mixed,
    }


def steady(name, text, rate):
    result, other = run(name, text, rate), run(name, text, rate, 2.3e-16)
    growth = abs(result["losses"][-1] / other["losses"][-1] - 1)
    if growth > 1e-13:
        raise SystemExit(f"{name}, {text}, {rate}: a rounding grows to {growth}")
    return result


def main():
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    runs = [steady(name, *rule) for name in NETWORKS for rule in RULES]
    lines = ",\n".join("  " + json.dumps(r) for r in runs)
    path = pathlib.Path(__file__).parents[2] / "tests/golden/pytorch.json"
    made = f"benchmarks/peers/pytorch_trajectories.py, PyTorch {torch.__version__}, double precision"
    path.write_text(
        f'{{"made by": "{made}",\n "steps": {json.dumps(SHOWN)},\n "runs": [\n{lines}\n]}}\n'
    )


if __name__ == "__main__":
    main()
