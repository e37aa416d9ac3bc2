// Counts heap allocations of steady training steps: there must be none.

#include "../allocations.hpp"

#include <hourglass/core/parallel.hpp>
#include <hourglass/data/shuffle.hpp>
#include <hourglass/data/synthetic.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/marginalised.hpp>
#include <hourglass/model/optimiser.hpp>
#include <hourglass/theory/shallow_dynamics.hpp>

#include <atomic>
#include <cstdlib>
#include <map>
#include <new>

#include <doctest/doctest.h>

namespace {
std::atomic<long> allocations = 0;
}
long heap_allocations() { return allocations; }

// GCC takes free() here for a mismatch because it inlines the replaced operator new.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif
void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size > 0 ? size : 1)) return p;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto a = static_cast<std::size_t>(alignment);
  if (void* p = std::aligned_alloc(a, (size + a - 1) / a * a)) return p;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size > 0 ? size : 1);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

using namespace hourglass;

namespace {

template <class Step>
long allocations_of(Step step) {
  for (int t = 0; t < 3; ++t) step(t);
  const long before = allocations;
  for (int t = 3; t < 10; ++t) step(t);
  return allocations - before;
}

}  // namespace

TEST_CASE("allocations: the counter counts") {
  CHECK(allocations_of([](int) {
          int* volatile number = new int;  // volatile: the compiler may not elide it
          delete number;
        }) == 7);
}

TEST_CASE("allocations: shuffled batches and online inputs make none, in a new epoch either") {
  const Dataset dataset{"", filled({31, 4}, 1), ""};
  ShuffledBatches batches(dataset, 8, {1, 2});
  OnlineGaussian online({2, 1, 0.5}, {1, 3}, 4);
  CHECK(allocations_of([&](int t) { batches.batch(static_cast<std::uint64_t>(t)); }) == 0);
  CHECK(allocations_of([&](int t) { online.batch(static_cast<std::uint64_t>(t)); }) == 0);
}

TEST_CASE("allocations: a steady denoising step makes none, small or large, on 1 or 2 threads") {
  for (const std::size_t threads : {1u, 2u})
    for (const Shape shape : {Shape{1, 1}, Shape{8, 20}, Shape{500, 300}}) {
      CAPTURE(threads);
      CAPTURE(shape.rows);
      set_threads(threads);
      for (const char* name : {"tanh", "relu", "erf", "sigmoid"}) {
        Autoencoder model =
            shallow_autoencoder(shape.columns, shape.columns > 5 ? 5 : 1,
                                {.activation = activation_named(name), .biases = true});
        model.corrupt = GaussianNoise{.variance = 0.1, .stream = {.seed = 3}};
        model.penalties = {l2(1e-3)};
        init::gaussian(model.parameters(), 0.1, {.seed = 5});
        Array x = empty(shape);
        Stream{.seed = 4}.normals(0, 0, x);
        const Sgd sgd{.learning_rate = 1e-3};
        Tape tape;
        CHECK(allocations_of([&](int t) {
                tape.begin(std::uint64_t(t));
                tape.backward(model.loss(tape, x));
                sgd.step(model.parameters());
              }) == 0);
      }
    }
  set_threads(1);
}

TEST_CASE(
    "allocations: none with any noise, on the input and on hidden layers, tied and normalised") {
  Array x = empty({500, 80});
  Stream{.seed = 4}.normals(0, 0, x);
  std::map<std::string, Noise> inputs{
      {"features", FeatureGaussianNoise(std::vector<double>(80, 0.1))},
      {"correlated", CorrelatedGaussianNoise(Array64({80, 3}, 0.1))}};
  for (const char* name : {"gaussian:0.1", "masking:0.3", "masking:0.3:rescaled", "salt_pepper:0.1",
                           "multiplicative:0.2", "nested_dropout:0.9"})
    inputs[name] = noise_named(name, {.seed = 9});
  const auto hidden = [](Stream s) { return noise_named("masking:0.2:rescaled", s); };
  for (const auto& input : inputs) {
    CAPTURE(input.first);
    Autoencoder model = deep_autoencoder({80, 30, 5}, {.activation = Activation::softplus,
                                                       .tied = true,
                                                       .scaled = true,
                                                       .unit_norm = true,
                                                       .hidden_noise = hidden,
                                                       .stream = {.seed = 8}});
    model.corrupt = input.second;
    init::glorot_normal(model.parameters(), {.seed = 5});
    const Sgd sgd{.learning_rate = 1e-3};
    Tape tape;
    CHECK(allocations_of([&](int t) {
            tape.begin(std::uint64_t(t));
            tape.backward(model.loss(tape, x));
            sgd.step(model.parameters());
          }) == 0);
  }
}

TEST_CASE("allocations: steps on a marginalised loss make none") {
  Parameter w1{"W1", filled({40, 300}, Real(0.01))}, w2{"W2", filled({300, 40}, Real(0.01))};
  std::vector<double> spectrum(300, 1.0);
  Array64 moments = empty64({300, 300});
  moments.fill(0.1);
  const EigenbasisLoss rotated(spectrum, 0.3);
  const ExpectedLoss expected(moments, 0.3);
  const ExpectedLoss masked = marginalised(MaskingNoise{0.3}, {moments});
  Tape tape;
  CHECK(allocations_of([&](int) {
          tape.begin();
          tape.backward(masked(tape, w1, w2));
        }) == 0);
  CHECK(allocations_of([&](int) {
          tape.begin();
          tape.backward(rotated(tape, w1, w2));
        }) == 0);
  CHECK(allocations_of([&](int) {
          tape.begin();
          tape.backward(expected(tape, w1, w2));
        }) == 0);
}

TEST_CASE("allocations: steps of every optimiser make none after the first") {
  Autoencoder model = shallow_autoencoder(300, 200, {.biases = true});
  init::gaussian(model.parameters(), 0.1, {.seed = 5});
  const Parameters parameters = model.parameters();
  for (const char* name : {"sgd:0.1", "sgd:0.1:momentum=0.9", "sgd:0.1:nesterov=0.9:clip=1",
                           "adam:1e-3", "adamw:1e-3", "rmsprop:1e-3:clip_value=0.1"}) {
    CAPTURE(name);
    Optimiser optimiser = optimiser_named(name);
    optimiser.schedule = schedule_named("cosine:100:warmup=5");
    CHECK(allocations_of([&](int) {
            for (Parameter* p : parameters) {
              resize(p->grad, shape_of(p->value));
              p->grad.fill(1);
              p->has_grad = true;
            }
            optimiser.step(parameters);
          }) == 0);
  }
}

TEST_CASE("allocations: the equations of online SGD take steps for nothing") {
  for (const theory::Unit unit : {theory::Unit::linear, theory::Unit::erf, theory::Unit::relu}) {
    theory::ShallowDynamics run{.unit = unit, .ell = {0.5, 0.3, 0.2}, .start = {}};
    Array64 w = empty64({2, 3});
    for (std::size_t i = 0; i < w.size(); ++i) w.data()[i] = 0.1 * static_cast<double>(i + 1);
    run.start = {w, w, {0.1, 0.2}, {0.1, 0, 0.2}};
    const auto allocations_in = [&](std::size_t steps) {
      const long before = allocations;
      run.euler(0.01, {steps});
      return allocations - before;
    };
    allocations_in(1);
    CHECK(allocations_in(1) == allocations_in(100));
  }
}
