"""The run of `build/apps/train` that the README states, in PyTorch: 784-256-64-256-784, tanh,
Gaussian noise of variance 0.25 on the input, Adam with its rate falling to 0 along a cosine,
Fashion-MNIST. Prints the validation error (mean squared error a pixel, without noise) and the
seconds of training of each epoch.

    apt-get install python3-torch dataset-fashion-mnist
    /usr/bin/python3 benchmarks/peers/pytorch_train.py --threads 1

The protocol is that of `train`: Glorot's normal initialisation and zero biases, 1/(2B) sum of
squared errors, a new order of the rows every epoch, batches of equal size (the rows left over wait
for another epoch), 10 % of the rows held out. The random numbers are PyTorch's own.
"""

import argparse
import gzip
import time

import numpy
import torch

FILE = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"


def read_images(path):
    with gzip.open(path) as file:
        content = file.read()
    magic, count, height, width = numpy.frombuffer(content, ">u4", 4)
    if magic != 2051 or len(content) != 16 + count * height * width:
        raise SystemExit(f"{path}: not an IDX file of images")
    pixels = numpy.frombuffer(content, "u1", offset=16).reshape(count, height * width)
    return torch.from_numpy(pixels / numpy.float64(255))


def network(sizes, dtype):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layer = torch.nn.Linear(inputs, outputs, dtype=dtype)
        torch.nn.init.xavier_normal_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
        layers += [layer, torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])  # linear output


@torch.no_grad()
def error(model, x):
    return torch.nn.functional.mse_loss(model(x), x).item()


def train_epoch(model, optimiser, schedule, x, batch, deviation):
    order = torch.randperm(len(x))
    for step in range(len(x) // batch):
        clean = x[order[step * batch : (step + 1) * batch]]
        noisy = clean + deviation * torch.randn_like(clean)
        optimiser.zero_grad()
        loss = 0.5 / batch * ((model(noisy) - clean) ** 2).sum()
        loss.backward()
        optimiser.step()
        schedule.step()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", default=FILE)
    parser.add_argument("--encoder", default="784,256,64")
    parser.add_argument("--noise", type=float, default=0.25, help="variance")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--validation", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--double", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    dtype = torch.float64 if options.double else torch.float32

    x = read_images(options.data).to(dtype)
    order = torch.randperm(len(x))
    held_out = round(options.validation * len(x))
    validation, training = x[order[:held_out]], x[order[held_out:]]
    encoder = [int(size) for size in options.encoder.split(",")]
    model = network(encoder + encoder[-2::-1], dtype)
    optimiser = torch.optim.Adam(model.parameters(), lr=options.rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
        optimiser, options.epochs * (len(training) // options.batch))

    print(f"PyTorch {torch.__version__}, {dtype}, {options.threads} thread(s)")
    best = float("inf")
    for epoch in range(1, options.epochs + 1):
        start = time.perf_counter()
        train_epoch(model, optimiser, schedule, training, options.batch, options.noise**0.5)
        seconds = time.perf_counter() - start
        best = min(best, seconds)
        print(f"epoch {epoch:3}  validation error {error(model, validation):.6f}  {seconds:.2f} s",
              flush=True)
    print(f"fastest epoch {best:.2f} s")


if __name__ == "__main__":
    main()
