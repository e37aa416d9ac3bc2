#pragma once

#include <hourglass/config.hpp>

#include <cstdint>
#include <functional>
#include <string>

// Learning-rate schedules: what the rate is multiplied by at a step, counted from 0. A function of
// the step alone, so a resumed run continues exactly.
namespace HOURGLASS_API hourglass {

// The factor at a step.
using Schedule = std::function<double(std::uint64_t step)>;

namespace schedules {

// All throw ArgumentError for arguments outside the range stated.

// 1
Schedule constant();
// factor^(step / every), whole divisions: every > 0, factor > 0
Schedule step(std::uint64_t every, double factor);
// 1/2 (1 + cos(pi step / total)), and 0 from `total` > 0 on (Loshchilov & Hutter 2017, no restarts)
Schedule cosine(std::uint64_t total);
// 1 / (1 + step / scale), scale > 0: the steps of Robbins and Monro
Schedule inverse_time(double scale);
// rises linearly, (step + 1) / steps, to what `after` is from then on
Schedule warm_up(std::uint64_t steps, Schedule after);

}  // namespace schedules

// "constant", "cosine:1000:warmup=10", ...: schedule_forms() lists them, for the help of a command
// line. Throws InputError with what was found and expected.
Schedule schedule_named(const std::string& text);
std::string schedule_forms();

}  // namespace hourglass
