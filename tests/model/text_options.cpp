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

TEST_CASE("names: numbers spelt otherwise are the same choice") {
  for (const char* text : {"adam:1e-3", "adam:0.001", "adam:1E-3", "adam:.1e-2", "adam:1.0e-3"})
    CHECK(canonical(text) == "adam:0.001");
  CHECK(canonical("sgd:0.10:momentum=9e-1") == canonical("sgd:1e-1:momentum=0.9"));
  CHECK(canonical("step:1e5:0.5") == canonical("step:100000:.5"));
  CHECK(canonical("l2:1e-4,kl:5e-2:1.0") == canonical("l2:0.0001,kl:.05:1"));
  CHECK(canonical("18446744073709551615") != canonical("18446744073709551614"));
  CHECK(canonical("adam:0.001") != canonical("adam:0.0010000000000000002"));
  for (const char* text :
       {"", "none", "adam:", "a::b", "masking:p:rescaled", "1e3x", "400 samples"})
    CHECK(canonical(text) == text);
}

TEST_CASE("names: empty fields, spaces, fields too many and numbers that are none are refused") {
  for (const char* text : {"adam:",
                           "adam:1e-3:",
                           "adam::1e-3",
                           "adam:1e-3 ",
                           "adam: 1e-3",
                           "adam:1e-3:beta1=",
                           "adam:1e-3:=3",
                           "adam:1e-3:beta1=.9:beta1=.8",
                           "adam:1e-3:2",
                           "adam:nan",
                           "adam:inf",
                           "adam:+1",
                           "adam:0x1",
                           "adam:1,5",
                           "adam:1e-3x",
                           ":1e-3",
                           "adam=1e-3",
                           "adam:beta1=0.9",
                           "sgd:1:momentum=.9:nesterov=.9",
                           "adam:1e-3:momentum=0.9",
                           "rmsprop:1:smoothing=1"}) {
    CAPTURE(text);
    CHECK(complaint([&] { optimiser_named(text); }).find("optimiser '" + std::string(text)) == 0);
  }
  for (const char* text : {"step:1.5:2", "step:0:2", "step:10:0.5:", "step:10", "cosine:-1",
                           "cosine:1e300", "1/t:0", "constant:1", "constant:warmup=0.5"})
    CHECK(complaint([&] { schedule_named(text); }) != "accepted");
  for (const char* text : {"l2", "l2:-1", "kl:0.05::0.1", "kl:1:1", "non_uniform_l2:1::2",
                           "non_uniform_l2:1,,2", "l1:1:", "l2:gamma=1"})
    CHECK(complaint([&] { penalty_named(text); }) != "accepted");
  for (const char* text : {"masking:0.3:rescaled:rescaled", "masking:rescaled:0.3", "masking:1",
                           "gaussian:", "salt_pepper:0.1:0", "none:0"})
    CHECK(complaint([&] { noise_named(text, {}); }) != "accepted");
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
