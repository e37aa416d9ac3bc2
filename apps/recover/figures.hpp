#pragma once

#include <hourglass/measure/recovery_seeds.hpp>
#include <hourglass/report/run.hpp>

#include <string>

namespace hourglass {

// What the page of `recover` says and shows; the settings, the command and the times are left out.
Run page_of(const RecoveryConfig& config, const SeededRecovery& result);

// Why zero loss is no recovery here: the rotated pairs that were seen; empty where there are none.
std::string warning_of(const SeededRecovery& result);

// An n x m dictionary with an atom a row.
Array atoms_as_rows(const Array64& dictionary);

}  // namespace hourglass
