#pragma once

// What signals do to a run. SIGINT, SIGTERM and SIGHUP (unless it is ignored, as under nohup) end
// it: at once, or, while a part of a study is under way, after the step, when its checkpoint is
// written. Whatever is on the disk is whole at any moment, so that nothing is lost at once either.
// SIGPIPE is ignored: output that nobody reads is an error of writing, when the results are there.
namespace hourglass::signals {

void install();
// Whether one has been received.
bool received();
// From now on they wait for the step, or no longer.
void wait_for_step(bool wait);
// 128 and the number of the signal.
int exit_status();

}  // namespace hourglass::signals
