#include <hourglass/core/error.hpp>
#include <hourglass/model/activation.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/losses.hpp>
#include <hourglass/model/noise.hpp>
#include <hourglass/model/optimiser.hpp>
#include <hourglass/model/penalties.hpp>
#include <hourglass/model/schedules.hpp>
#include <hourglass/model/text_options.hpp>

#include <cmath>
#include <functional>
#include <string>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

std::string complaint(const std::function<void()>& read) {
  try {
    read();
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("names: the help of a command line and the complaint list the same") {
  const std::string wrong = "x", found = " 'x': found 'x', expected ";
  CHECK(complaint([&] { activation_named(wrong); }) == "activation" + found + activation_forms());
  CHECK(complaint([&] { noise_named(wrong, {}); }) == "noise" + found + noise_forms());
  CHECK(complaint([&] { init::named(wrong, {}, {}); }) == "initialiser" + found + init::forms());
  const std::string schedules = complaint([&] { schedule_named(wrong); });
  CHECK(schedules + ", each with [:warmup=STEPS]" == "schedule" + found + schedule_forms());
}

TEST_CASE("names: the help shows what follows a name") {
  CHECK(noise_forms() ==
        "none, gaussian:VARIANCE, masking:P[:rescaled], salt_pepper:P[:LOW:HIGH], "
        "multiplicative:VARIANCE or nested_dropout:RATIO");
  CHECK(penalty_forms() ==
        "l2:GAMMA, l1:GAMMA, product:GAMMA, non_uniform_l2:GAMMA1:GAMMA2:..., "
        "orthogonality:GAMMA, kl:TARGET:GAMMA or contractive:GAMMA");
  CHECK(optimiser_forms().find("sgd:RATE[:momentum=M|:nesterov=M], adam:RATE[:beta1=B]") == 0);
  CHECK(loss_forms().find("mean_squared_error (a feature), per_pixel_error (half of that)") !=
        std::string::npos);
}

TEST_CASE("intervals: said and checked") {
  CHECK(Interval{.low = 1, .high = 9, .high_open = true, .whole = true}.str() ==
        "a whole number >= 1 and < 9");
  CHECK(any_number.str() == "a finite number");
  CHECK(!positive.contains(0));
  CHECK(!not_negative.contains(INFINITY));
  CHECK(!any_number.contains(NAN));
  CHECK_THROWS_WITH_AS(require_within("l2", "gamma", -1, not_negative),
                       "l2: gamma is -1.000000, expected a number >= 0", ArgumentError);
}
