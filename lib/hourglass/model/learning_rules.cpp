#include <hourglass/core/error.hpp>
#include <hourglass/core/op.hpp>
#include <hourglass/model/learning_rules.hpp>
#include <hourglass/model/losses.hpp>

#include <cmath>

namespace hourglass {
namespace {

// The loss as it is; what goes back to w is `direction`, whatever the loss is.
struct Directed {
  static constexpr auto name = "learning_rule";
  auto operator()(auto& loss, auto&, auto&) const { return loss; }
  auto vjp(wrt<0>, const View& g, const View&, const View&, const View&, const View&) const {
    return g;
  }
  auto vjp(wrt<1>, const View& g, const View&, const View&, const View& direction,
           const View&) const {
    return scale_by(direction, g);
  }
};
Var directed(Var loss, Var w, Var direction) { return apply(Directed{}, loss, w, direction); }

// The upper or lower triangle of a square x, with its diagonal unless strict.
struct TriangleOf {
  View x;
  bool upper, strict;
  Shape shape() const { return shape_of(x); }
  void into(Array& out, bool add) const {
    const std::size_t n = shape_of(x).rows;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        const bool kept = i == j ? !strict : (i < j) == upper;
        out(i, j) = (kept ? x(i, j) : Real(0)) + (add ? out(i, j) : Real(0));
      }
  }
};
struct Triangle {
  static constexpr auto name = "triangle";
  bool upper, strict;
  auto operator()(const View& x) const { return TriangleOf{x, upper, strict}; }
  auto vjp(wrt<0>, const View& g, const View&, const View&) const {
    return TriangleOf{g, upper, strict};
  }
};
Var lower_triangle(Var x) { return apply(Triangle{.upper = false, .strict = false}, x); }
Var upper_triangle(Var x) { return apply(Triangle{.upper = true, .strict = false}, x); }
Var strict_upper_triangle(Var x) { return apply(Triangle{.upper = true, .strict = true}, x); }

// 1/(BD)
double over_entries(Var x) { return 1 / static_cast<double>(x.shape().size()); }

Var leaf_named(const Pass& pass, const std::string& name) {
  return tape_of(pass.loss).leaf(parameter_named(pass.parameters, name, "rotation_augmented: "));
}

}  // namespace

Var sanger(Var weight, Var x) {
  const Var y = matmul(x, weight, false, true);  // BxK
  const Var error = per_pixel_error(matmul(y, weight), x);
  const Var decay = matmul(lower_triangle(matmul(y, y, true, false)), weight);
  const Var direction = over_entries(x) * (decay - matmul(y, x, true, false));
  return directed(stop_gradient(error), weight, direction);
}

Var truncated_error(Var code, Var decoder, Var x) {
  const Var error = per_pixel_error(matmul(code, decoder, false, true), x);
  const Var overlaps = upper_triangle(matmul(decoder, decoder, true, false));  // KxK
  const Var moments = upper_triangle(matmul(code, code, true, false));
  const Var to_code = over_entries(x) * (matmul(code, overlaps) - matmul(x, decoder));
  const Var to_decoder =
      over_entries(x) * (matmul(decoder, moments) - matmul(x, code, true, false));
  return directed(directed(stop_gradient(error), code, to_code), decoder, to_decoder);
}

Penalty rotation_augmented(double rho, std::string encoder, std::string decoder) {
  if (!std::isfinite(rho))
    throw ArgumentError("rotation_augmented: rho must be finite, found " + std::to_string(rho));
  return [rho, encoder = std::move(encoder), decoder = std::move(decoder)](const Pass& pass) {
    const Var w1 = leaf_named(pass, encoder), w2 = leaf_named(pass, decoder);
    const double rows = static_cast<double>(pass.code.shape().rows);
    const Var upper = strict_upper_triangle(matmul(pass.code, pass.code, true, false));
    // rho A, which is its own negative transposed
    const Var turn = (rho / (2 * rows)) * (upper - transpose(upper));
    return directed(directed(pass.loss, w1, -matmul(turn, w1)), w2, matmul(w2, turn));
  };
}

}  // namespace hourglass
