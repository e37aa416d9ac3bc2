#include <hourglass/core/error.hpp>
#include <hourglass/core/op.hpp>
#include <hourglass/model/penalties.hpp>
#include <hourglass/model/text_options.hpp>

#include <cmath>
#include <memory>
#include <string>

#include <boost/math/special_functions/log1p.hpp>

namespace hourglass {
namespace {

void require_finite(const char* penalty, double gamma) {
  require_within(penalty, "gamma", gamma, any_number);
}

Var leaf_named(const Pass& pass, const std::string& name) {
  return tape_of(pass.loss).leaf(parameter_named(pass.parameters, name, "penalty: "));
}

// s + gamma/2 ||w||^2 in one node: the scalar bookkeeping of a small step costs as much as its
// arithmetic.
struct AddL2 {
  static constexpr auto name = "l2";
  Real gamma;
  auto operator()(auto& s, auto& w) const {
    return Scalar{s.data()[0] + gamma / 2 * dot(w, w).value};
  }
  auto vjp(wrt<0>, auto& g, auto&, auto&, auto&) const { return g; }
  auto vjp(wrt<1>, auto& g, auto&, auto& w, auto&) const { return scale_by(w * gamma, g); }
};

// off - log(ratio), ratio = 1 + off, without cancellation near 0
double above_log(double off, double ratio) {
  return std::abs(off) < 0.5 ? -boost::math::log1pmx(off) : off - std::log(ratio);
}

// r log(r/m) + (1-r) log((1-r)/(1-m)) by how far m is from r: the logarithms' first orders cancel.
double divergence(double m, double r) {
  const double off = m - r, q = 1 - r;
  return r * above_log(off / r, m / r) + q * above_log(-off / q, (1 - m) / q);
}
struct Bernoulli {
  static constexpr auto name = "kl_sparsity";
  Real r;
  auto operator()(auto& mean) const {
    return map([r = double(r)](Real m) { return static_cast<Real>(divergence(double(m), r)); },
               mean);
  }
  auto vjp(wrt<0>, auto& g, auto& m, auto&) const { return g * (1 - r) / (1 - m) - g * r / m; }
};

}  // namespace

Parameter& parameter_named(Parameters parameters, const std::string& name, const char* who) {
  for (Parameter* p : parameters)
    if (p->name == name) return *p;
  std::string known;
  for (const Parameter* p : parameters) known += (known.empty() ? "" : ", ") + p->name;
  throw LookupError(who + ("no parameter '" + name) + "'; there are " + known);
}

Penalty l2(double gamma, bool biases) {
  require_finite("l2", gamma);
  return [gamma = static_cast<Real>(gamma), biases](const Pass& pass) {
    Var loss = pass.loss;
    for (Parameter* p : pass.parameters)
      if (biases || !p->bias) loss = apply(AddL2{gamma}, loss, tape_of(loss).leaf(*p));
    return loss;
  };
}

Penalty l2_of(double gamma, std::vector<std::string> names) {
  require_finite("l2", gamma);
  return [gamma = static_cast<Real>(gamma), names = std::move(names)](const Pass& pass) {
    Var loss = pass.loss;
    for (const std::string& name : names) loss = apply(AddL2{gamma}, loss, leaf_named(pass, name));
    return loss;
  };
}

Penalty l1(double gamma, bool biases) {
  require_finite("l1", gamma);
  return [gamma, biases](const Pass& pass) {
    Var loss = pass.loss;
    for (Parameter* p : pass.parameters)
      if (biases || !p->bias) loss = loss + gamma * sum_all(abs(tape_of(loss).leaf(*p)));
    return loss;
  };
}

// ||W2 W1||^2 = <W2^T W2, W1 W1^T>: no DxD product
Penalty product(double gamma, std::string encoder, std::string decoder) {
  require_finite("product", gamma);
  return [gamma, encoder = std::move(encoder), decoder = std::move(decoder)](const Pass& pass) {
    const Var w1 = leaf_named(pass, encoder), w2 = leaf_named(pass, decoder);
    const Var inner = dot(matmul(w2, w2, true, false), matmul(w1, w1, false, true));
    return pass.loss + (gamma / 2) * inner;
  };
}

Penalty non_uniform_l2(std::vector<double> gammas, std::string encoder, std::string decoder) {
  // Held beside the function, which may be copied: the tape borrows it.
  const auto column = std::make_shared<Array>(empty({gammas.size(), 1}));
  for (std::size_t j = 0; j < gammas.size(); ++j) {
    require_finite("non_uniform_l2", gammas[j]);
    column->data()[j] = static_cast<Real>(gammas[j]);
  }
  return [column, encoder = std::move(encoder), decoder = std::move(decoder)](const Pass& pass) {
    const Var w1 = leaf_named(pass, encoder), w2 = leaf_named(pass, decoder);
    const std::size_t units = column->size();
    if (w1.shape().rows != units || w2.shape().columns != units)
      throw ArgumentError("non_uniform_l2: " + std::to_string(units) + " gammas for " + encoder +
                          " (" + w1.shape().str() + ") and " + decoder + " (" + w2.shape().str() +
                          "); expected one for each latent unit");
    Tape& tape = tape_of(pass.loss);
    const Var down = tape.constant(*column);
    const Var across = tape.constant(borrow(column->data(), {1, units}));
    return pass.loss + 0.5 * (dot(mul_column(w1, down), w1) + dot(mul_row(w2, across), w2));
  };
}

Penalty orthogonality(double gamma) {
  require_finite("orthogonality", gamma);
  return [gamma](const Pass& pass) {
    Var loss = pass.loss;
    for (Parameter* p : pass.parameters) {
      if (p->bias) continue;
      const Var w = tape_of(loss).leaf(*p);
      const bool tall = w.shape().rows > w.shape().columns;
      const Var gram = matmul(w, w, tall, !tall);
      const Var identity = diagonal_like(gram, tape_of(loss).constant(Real(1)));
      loss = loss + gamma * half_squared_norm(gram - identity);
    }
    return loss;
  };
}

Penalty kl_sparsity(double target, double gamma) {
  require_finite("kl_sparsity", gamma);
  require_within("kl_sparsity", "the target", target, between_zero_and_one);
  return [=](const Pass& pass) {
    const Var mean = col_means(pass.code);
    for (std::size_t k = 0; k < mean.shape().columns; ++k)
      if (mean.value()(0, k) < 0 || mean.value()(0, k) > 1)
        throw DomainError("kl_sparsity: code unit " + std::to_string(k) + " has the mean " +
                          std::to_string(mean.value()(0, k)) +
                          ", expected one between 0 and 1, as a sigmoid's");
    return pass.loss + gamma * sum_all(apply(Bernoulli{static_cast<Real>(target)}, mean));
  };
}

Penalty contractive(double gamma) {
  require_finite("contractive", gamma);
  return [gamma](const Pass& pass) {
    Tape& tape = tape_of(pass.code);
    const double weight = gamma / static_cast<double>(pass.code.shape().rows);
    Var loss = pass.loss;
    // rows do not meet in the encoder, so the gradient of a column's sum has one row of the
    // Jacobian for each sample
    for (std::size_t k = 0; k < pass.code.shape().columns; ++k) {
      const Var unit = sum_all(slice_columns(pass.code, k, 1));
      loss = loss + weight * half_squared_norm(tape.grad(unit, {&pass.input, 1})[0]);
    }
    return loss;
  };
}

namespace {

double gamma(TextOptions& text) { return text.number("gamma", not_negative); }

const NameTable<Penalty>& named_penalties() {
  static const NameTable<Penalty> table{
      "penalty",
      {{"l2", [](TextOptions& text) { return l2(gamma(text)); }, ":GAMMA"},
       {"l1", [](TextOptions& text) { return l1(gamma(text)); }, ":GAMMA"},
       {"product", [](TextOptions& text) { return product(gamma(text)); }, ":GAMMA"},
       {"non_uniform_l2",
        [](TextOptions& text) { return non_uniform_l2(text.numbers("gamma", not_negative)); },
        ":GAMMA1:GAMMA2:..."},
       {"orthogonality", [](TextOptions& text) { return orthogonality(gamma(text)); }, ":GAMMA"},
       {"kl",
        [](TextOptions& text) {
          const double target = text.number("the target", between_zero_and_one);
          return kl_sparsity(target, gamma(text));
        },
        ":TARGET:GAMMA"},
       {"contractive", [](TextOptions& text) { return contractive(gamma(text)); }, ":GAMMA"}}};
  return table;
}

}  // namespace

Penalty penalty_named(const std::string& text) { return named_penalties().named(text); }
std::string penalty_forms() { return named_penalties().forms(); }

}  // namespace hourglass
