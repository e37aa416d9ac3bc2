#include <hourglass/core/op.hpp>
#include <hourglass/model/noise.hpp>

#include <cmath>
#include <stdexcept>
#include <string>

namespace hourglass {
namespace {

struct AddGaussianNoise {
  static constexpr auto name = "gaussian_noise";
  Stream stream;
  Position position;
  Real deviation;

  struct Noisy {
    const AddGaussianNoise& op;
    const View& x;
    Shape shape() const { return shape_of(x); }
    void into(Array& out, bool) const {
      op.stream.add_normals(op.position.step, op.position.row, x, op.deviation, out);
    }
  };
  auto operator()(auto& x) const { return Noisy{*this, x}; }
  auto vjp(wrt<0>, auto& g, auto&, auto&) const { return g; }
};

}  // namespace

Var GaussianNoise::operator()(Var x, Position position) const {
  if (!(variance >= 0) || !std::isfinite(variance))
    throw std::invalid_argument("gaussian noise: variance must be finite and not negative, found " +
                                std::to_string(variance));
  if (variance == 0) return x;
  return apply(AddGaussianNoise{stream, position, static_cast<Real>(std::sqrt(variance))}, x);
}

}  // namespace hourglass
