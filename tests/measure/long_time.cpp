#include <hourglass/core/error.hpp>
#include <hourglass/measure/long_time.hpp>
#include <hourglass/theory/shallow_laws.hpp>

#include <cmath>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

LongTimeConfig small() {
  LongTimeConfig config;
  config.dimensions = 200, config.simulated_until = 1000;
  config.erf_spectra = {{0.7}}, config.tied_dimensions = {20, 200};
  config.relu_units = 2;
  return config;
}

const Quantity& quantity(const Comparison& c, const Column& column, const std::string& name) {
  for (const Agreement& a : c.agreements)
    for (const Quantity& q : a.quantities)
      if (a.column == column && q.name == name) return q;
  throw std::out_of_range(column.series + ": " + name);
}

}  // namespace

TEST_CASE("long_time: equations and training follow the laws") {
  const LongTimeResult result = run_long_time(small());
  const Comparison& c = result.comparison;
  for (const Agreement& a : c.agreements) {
    CAPTURE(a.column.series);
    CAPTURE(a.column.index);
    CHECK(a.agrees());
  }
  CHECK(quantity(c, {"erf T0", 1}, "exponent").measured == doctest::Approx(1 / 3.0).epsilon(0.02));
  CHECK(quantity(c, {"relu error", 1}, "final value").predicted ==
        doctest::Approx(theory::relu_single_pixel_error({0.735, 0.265})).epsilon(1e-6));
  // noise is there: training is not the equations over again
  CHECK(std::abs(quantity(c, {"trained tied error", 1}, "final value").deviation()) > 1e-4);
  CHECK(result.trained_spectra == std::vector<std::size_t>{1});
  CHECK(c.measured.steps().back() == 1e6);
}

TEST_CASE("long_time: settings that make no sense are named") {
  const auto message = [](auto change) {
    LongTimeConfig config = small();
    change(config);
    try {
      run_long_time(config);
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(message([](auto& c) { c.lr = 0; }).find("--lr: found 0") == 0);
  CHECK(message([](auto& c) { c.until = 1e4; }).find("--until: found 10000") == 0);
  CHECK(message([](auto& c) { c.lr = 1e-3; }).find("--until: found 1e+06") == 0);
  CHECK(message([](auto& c) { c.simulated_until = 1e7; }).find("--simulated-until: found") == 0);
  CHECK(message([](auto& c) { c.tied_dimensions = {1}; }).find("--tied-dimensions: found 1") == 0);
  CHECK(message([](auto& c) { c.erf_spectra = {{0.5, -1}}; }).find("--erf-spectra: found -1") == 0);
  CHECK(message([](auto& c) { c.relu_units = 9; }).find("--relu-units: found 9") == 0);
}
