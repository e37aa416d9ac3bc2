#pragma once

#include <hourglass/config.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace HOURGLASS_API hourglass {

// How many threads large products and noise fills may use (at least 1; 1 until set). Work is cut
// by shape alone, never by the number of threads, so results do not depend on it. Not to be called
// while work is under way. A child that is forked gets as many threads of its own. OpenBLAS's own
// threads are another matter: kernels::OneBlasThread.
void set_threads(std::size_t count);
std::size_t threads();

namespace detail {
void run_tasks(std::size_t tasks, void (*task)(void* context, std::size_t index), void* context);
}

// Calls task(0) ... task(tasks - 1), each once, in any order and possibly at the same time, and
// returns when all are done. Allocates nothing. Tasks must not throw.
template <class Task>
void parallel_for(std::size_t tasks, Task&& task) {
  using T = std::remove_reference_t<Task>;
  detail::run_tasks(
      tasks, [](void* context, std::size_t index) { (*static_cast<T*>(context))(index); },
      const_cast<void*>(static_cast<const void*>(&task)));
}

}  // namespace hourglass
