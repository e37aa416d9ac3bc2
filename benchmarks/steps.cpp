// One step of training a denoising ReLU autoencoder (squared error, weight decay, gradient step):
//   step/D/H/B      on the tape, with fresh Gaussian noise
//   by_hand/D/H/B   the same arithmetic by hand, with CBLAS and loops, without noise
//   products/D/H/B  its five matrix products alone
// D: features, H: hidden units, B: rows a batch; in the precision of the build. `--threads=N` sets
// the threads of all three (default 1).

#include <hourglass/core/kernels.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/optimiser.hpp>

#include <cstring>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <cblas.h>

using namespace hourglass;

namespace {

struct Size {
  std::size_t features, hidden, batch;
};
constexpr Size sizes[] = {{1, 1, 1},      {16, 4, 1},       {500, 2, 1},
                          {784, 64, 128}, {784, 256, 1000}, {3072, 512, 256}};
constexpr double gamma_decay = 1e-4, rate = 1e-3, sigma2 = 0.25;

constexpr auto transposed(bool t) { return t ? CblasTrans : CblasNoTrans; }

[[maybe_unused]] void gemm(bool ta, bool tb, int m, int n, int k, const float* a, const float* b,
                           float* c) {
  cblas_sgemm(CblasRowMajor, transposed(ta), transposed(tb), m, n, k, 1, a, ta ? m : k, b,
              tb ? k : n, 0, c, n);
}
[[maybe_unused]] void gemm(bool ta, bool tb, int m, int n, int k, const double* a, const double* b,
                           double* c) {
  cblas_dgemm(CblasRowMajor, transposed(ta), transposed(tb), m, n, k, 1, a, ta ? m : k, b,
              tb ? k : n, 0, c, n);
}

Array random_data(Size size) {
  Array x = empty({size.batch, size.features});
  Stream{.seed = 3}.uniforms(0, 0, x);
  return x;
}

void step(benchmark::State& state, Size size) {
  kernels::use_one_blas_thread();
  const Array x = random_data(size);
  Autoencoder model =
      shallow_autoencoder(size.features, size.hidden, {.activation = Activation::relu});
  model.corrupt = GaussianNoise{.variance = sigma2, .stream = {.seed = 1}};
  model.penalties = {l2(gamma_decay)};
  init::gaussian(model.parameters(), 0.01, {.seed = 2});
  const Sgd sgd{.learning_rate = rate};
  Tape tape;
  std::uint64_t t = 0;
  for (auto _ : state) {
    tape.begin(t++);
    tape.backward(model.loss(tape, x));
    sgd.step(model.parameters());
  }
}

// The same arithmetic, every buffer at hand.
struct ByHand {
  Size size;
  Array x, w1, w2, code, y, error, code_gradient, w1_gradient, w2_gradient;

  explicit ByHand(Size s)
      : size(s),
        x(random_data(s)),
        w1(empty({s.hidden, s.features})),
        w2(empty({s.features, s.hidden})),
        code(empty({s.batch, s.hidden})),
        y(empty({s.batch, s.features})),
        error(y),
        code_gradient(code),
        w1_gradient(w1),
        w2_gradient(w2) {
    Stream{.seed = 2}.normals(0, 0, w1);
    Stream{.seed = 2}.normals(1, 0, w2);
    w1 *= Real(0.01);
    w2 *= Real(0.01);
  }

  int d() const { return int(size.features); }
  int h() const { return int(size.hidden); }
  int b() const { return int(size.batch); }
  void encode() { gemm(false, true, b(), h(), d(), x.data(), w1.data(), code.data()); }
  void decode() { gemm(false, true, b(), d(), h(), code.data(), w2.data(), y.data()); }
  void pull_decoder() {
    gemm(true, false, d(), h(), b(), error.data(), code.data(), w2_gradient.data());
    gemm(false, false, b(), h(), d(), error.data(), w2.data(), code_gradient.data());
  }
  void pull_encoder() {
    gemm(true, false, h(), d(), b(), code_gradient.data(), x.data(), w1_gradient.data());
  }

  Real step() {
    encode();
    for (Real& h : code) h = h > 0 ? h : Real(0);
    decode();
    Real loss = 0;
    const Real per_row = Real(1) / Real(size.batch);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const Real e = y.data()[i] - x.data()[i];
      loss += e * e;
      error.data()[i] = e * per_row;
    }
    pull_decoder();
    for (std::size_t i = 0; i < code.size(); ++i)
      if (!(code.data()[i] > 0)) code_gradient.data()[i] = 0;
    pull_encoder();
    descend(w1, w1_gradient);
    descend(w2, w2_gradient);
    return loss * per_row / 2;
  }
  static void descend(Array& w, const Array& gradient) {
    for (std::size_t i = 0; i < w.size(); ++i)
      w.data()[i] -= Real(rate) * (gradient.data()[i] + Real(gamma_decay) * w.data()[i]);
  }
};

void by_hand(benchmark::State& state, Size size) {
  openblas_set_num_threads(int(threads()));
  ByHand hand(size);
  for (auto _ : state) benchmark::DoNotOptimize(hand.step());
}

void products(benchmark::State& state, Size size) {
  openblas_set_num_threads(int(threads()));
  ByHand hand(size);
  for (auto _ : state) {
    hand.encode();
    hand.decode();
    hand.pull_decoder();
    hand.pull_encoder();
    benchmark::ClobberMemory();
  }
}

void register_all() {
  for (const Size size : sizes) {
    const std::string suffix = "/" + std::to_string(size.features) + "/" +
                               std::to_string(size.hidden) + "/" + std::to_string(size.batch);
    const auto add = [&](const char* name, void (*run)(benchmark::State&, Size)) {
      benchmark::RegisterBenchmark((name + suffix).c_str(), [=](benchmark::State& state) {
        run(state, size);
      })->UseRealTime();
    };
    add("step", step);
    add("by_hand", by_hand);
    add("products", products);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<char*> rest;
  for (int i = 0; i < argc; ++i) {
    if (std::strncmp(argv[i], "--threads=", 10) == 0)
      set_threads(std::stoul(argv[i] + 10));
    else
      rest.push_back(argv[i]);
  }
  int count = int(rest.size());
  benchmark::Initialize(&count, rest.data());
  if (benchmark::ReportUnrecognizedArguments(count, rest.data())) return 2;
  benchmark::AddCustomContext("precision", sizeof(Real) == 4 ? "single" : "double");
  benchmark::AddCustomContext("threads", std::to_string(threads()));
  register_all();
  benchmark::RunSpecifiedBenchmarks();
}
