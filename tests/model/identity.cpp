#include <hourglass/model/optimiser.hpp>

#include <optional>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

// A step against the gradient 1.
void step(Optimiser& optimiser, Parameter& w) {
  w.grad = scalar(1);
  w.has_grad = true;
  Parameter* const all[] = {&w};
  optimiser.step(all);
}

}  // namespace

TEST_CASE("identity: momentum goes along with a parameter that is moved") {
  Optimiser optimiser = optimiser_named("sgd:0.1:momentum=0.5");
  std::vector<Parameter> list(1);
  list[0] = Parameter{"w", scalar(0)};
  step(optimiser, list[0]);
  CHECK(list[0].value(0, 0) == doctest::Approx(-0.1));
  list.reserve(list.capacity() + 1);
  step(optimiser, list[0]);
  CHECK(list[0].value(0, 0) == doctest::Approx(-0.25));
  Parameter moved = std::move(list[0]);
  list.clear();
  step(optimiser, moved);
  CHECK(moved.value(0, 0) == doctest::Approx(-0.425));
}

TEST_CASE("identity: a new parameter at the address of one that is gone inherits nothing") {
  Optimiser optimiser = optimiser_named("sgd:0.1:momentum=0.5");
  std::optional<Parameter> place;
  for (int k = 0; k < 2; ++k) {
    place.emplace(Parameter{"w", scalar(0)});
    step(optimiser, *place);
    CHECK(place->value(0, 0) == doctest::Approx(-0.1));
    place.reset();
  }
  Parameter original{"w", scalar(0)};
  step(optimiser, original);
  Parameter copy = original;
  step(optimiser, copy);
  CHECK(copy.value(0, 0) == doctest::Approx(-0.2));
}
