#include <hourglass/core/error.hpp>
#include <hourglass/core/op.hpp>
#include <hourglass/model/noise.hpp>
#include <hourglass/model/text_options.hpp>

#include <cmath>

namespace hourglass {
namespace {

struct AddGaussianNoise {
  static constexpr auto name = "gaussian_noise";
  Stream stream;
  Position position;
  Real deviation;

  struct Noisy {
    const AddGaussianNoise& op;
    View x;
    Shape shape() const { return x.shape(); }
    void into(Array& out) const {
      op.stream.add_normals(op.position.step, op.position.row, x, op.deviation, out);
    }
  };
  auto operator()(auto& x) const { return Noisy{*this, x}; }
  auto vjp(wrt<0>, auto& g, auto&, auto&) const { return g; }
};

// u = a uniform number minus p: x where u > 0, otherwise low or high, as likely.
struct Replace {
  static constexpr auto name = "salt_and_pepper";
  Real half, low, high;  // half = p/2
  auto operator()(auto& x, auto& u) const {
    const auto choice = [op = *this](Real v, Real number) {
      return number > 0 ? v : number > -op.half ? op.low : op.high;
    };
    return map(choice, x, u);
  }
  auto vjp(wrt<0>, auto& g, auto&, auto& u, auto&) const { return gate(g, u); }
};

}  // namespace

Var GaussianNoise::operator()(Var x, Position position) const {
  require_within("gaussian noise", "the variance", variance, not_negative);
  if (variance == 0) return x;
  return apply(AddGaussianNoise{stream, position, static_cast<Real>(std::sqrt(variance))}, x);
}

FeatureGaussianNoise::FeatureGaussianNoise(std::vector<double> variances, Stream stream)
    : variances_(std::move(variances)), stream_(stream) {
  for (const double variance : variances_) {
    require_within("gaussian noise of features", "a variance", variance, not_negative);
    deviations_.push_back(static_cast<Real>(std::sqrt(variance)));
  }
}

Var FeatureGaussianNoise::operator()(Var x, Position position) const {
  const std::size_t width = deviations_.size();
  if (x.shape().columns != width)
    throw ArgumentError("gaussian noise of features: " + std::to_string(width) + " variances for " +
                        tape_of(x).describe(x));
  return x + tape_of(x).constant(x.shape(), [&](Array& noise) {
    stream_.normals(position.step, position.row, noise);
    for (Real* row = noise.data(); row != noise.data() + noise.size(); row += width)
      for (std::size_t j = 0; j < width; ++j) row[j] *= deviations_[j];
  });
}

CorrelatedGaussianNoise::CorrelatedGaussianNoise(const Array64& factor, Stream stream)
    : factor_(factor), as_used_(to_real(factor)), stream_(stream) {
  for (const double entry : factor_)
    require_within("correlated gaussian noise", "an entry of the factor", entry, any_number);
}

Var CorrelatedGaussianNoise::operator()(Var x, Position position) const& {
  Tape& tape = tape_of(x);
  const Shape shape = shape_of(as_used_);
  if (x.shape().columns != shape.rows)
    throw ArgumentError("correlated gaussian noise: a factor " + shape.str() + " for " +
                        tape.describe(x));
  const Var normals = tape.constant({x.shape().rows, shape.columns}, [&](Array& n) {
    stream_.normals(position.step, position.row, n);
  });
  return x + matmul(normals, tape.constant(as_used_), false, true);
}

Var MaskingNoise::operator()(Var x, Position position) const {
  require_within("masking noise", "the probability", probability, below_one);
  if (probability == 0) return x;
  const Real p = static_cast<Real>(probability);
  require_within("masking noise", "the probability, rounded", double(p), below_one);
  const Real kept = rescaled ? 1 / (1 - p) : Real(1);  // of what is kept, not of what was asked for
  return x * tape_of(x).constant(x.shape(), [&](Array& mask) {
    stream.uniforms(position.step, position.row, mask);
    for (Real& u : mask) u = u > p ? kept : 0;
  });
}

Var SaltAndPepper::operator()(Var x, Position position) const {
  require_within("salt and pepper", "the probability", probability, up_to_one);
  require_within("salt and pepper", "low", low, any_number);
  require_within("salt and pepper", "high", high, any_number);
  if (probability == 0) return x;
  const Real p = static_cast<Real>(probability);
  const Var u = tape_of(x).constant(x.shape(), [&](Array& draw) {
    stream.uniforms(position.step, position.row, draw);
    for (Real& entry : draw) entry -= p;
  });
  return apply(Replace{p / 2, static_cast<Real>(low), static_cast<Real>(high)}, x, u);
}

Var MultiplicativeNoise::operator()(Var x, Position position) const {
  require_within("multiplicative noise", "the variance", variance, not_negative);
  if (variance == 0) return x;
  const Real deviation = static_cast<Real>(std::sqrt(variance));
  return x * tape_of(x).constant(x.shape(), [&](Array& factor) {
    stream.normals(position.step, position.row, factor);
    for (Real& n : factor) n = 1 + deviation * n;
  });
}

// ratio^j > u, so that unit j is kept with probability ratio^j, is j < log u / log ratio.
Var NestedDropout::operator()(Var x, Position position) const {
  require_within("nested dropout", "the ratio", ratio, between_zero_and_one);
  const double log_ratio = std::log(ratio);
  return x * tape_of(x).constant(x.shape(), [&](Array& mask) {
    const Shape shape = shape_of(mask);
    for (std::size_t r = 0; r < shape.rows; ++r) {
      const double u = static_cast<double>(stream.uniform(position.step, position.row + r, 0));
      const double kept = std::ceil(std::log(u) / log_ratio);
      Real* row = mask.data() + r * shape.columns;
      for (std::size_t j = 0; j < shape.columns; ++j) row[j] = static_cast<double>(j) < kept;
    }
  });
}

namespace {

Noise masking(TextOptions& text, Stream stream) {
  const double dropped = text.number("the probability", below_one);
  return MaskingNoise{dropped, text.word("rescaled"), stream};
}

Noise salt_pepper(TextOptions& text, Stream stream) {
  const double struck = text.number("the probability", up_to_one);
  const double low = text.number_or(NAN, "the low value");
  if (std::isnan(low)) return SaltAndPepper{struck, 0, 1, stream};
  return SaltAndPepper{struck, low, text.number("the high value"), stream};
}

template <class Kind>
Noise of_variance(TextOptions& text, Stream stream) {
  return Kind{text.number("the variance", not_negative), stream};
}

const NameTable<Noise, Stream>& noises() {
  static const NameTable<Noise, Stream> table{
      "noise",
      {{"none", [](TextOptions&, Stream) { return Noise{}; }},
       {"gaussian:VARIANCE", of_variance<GaussianNoise>},
       {"masking:P[:rescaled]", masking},
       {"salt_pepper:P[:LOW:HIGH]", salt_pepper},
       {"multiplicative:VARIANCE", of_variance<MultiplicativeNoise>},
       {"nested_dropout:RATIO", [](TextOptions& text, Stream stream) -> Noise {
          return NestedDropout{text.number("the ratio", between_zero_and_one), stream};
        }}}};
  return table;
}

}  // namespace

Noise noise_named(const std::string& text, Stream stream) { return noises().named(text, stream); }
std::string noise_forms() { return noises().forms(); }

}  // namespace hourglass
