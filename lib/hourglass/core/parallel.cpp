#include <hourglass/core/parallel.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include <pthread.h>

namespace hourglass {
namespace {

// A short look before going to sleep: jobs of a training step follow each other within
// microseconds, and waking a sleeper takes longer than many of them.
template <class Condition>
void spin_until(Condition condition) {
  for (int i = 0; i < 4000 && !condition(); ++i) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
}

// Workers sleep between jobs; a job is a counter that they and the caller draw indices from.
class Pool {
 public:
  Pool(std::size_t count, const Pool* left) : of_parent(left) { resize(count); }
  ~Pool() { resize(1); }

  const Pool* const of_parent;  // of the process that forked; kept, so that it is no leak

  std::size_t size() const { return workers_.size() + 1; }

  void resize(std::size_t count) {
    for (auto& worker : workers_) worker.request_stop();
    wake_.notify_all();
    workers_.clear();  // joins
    for (std::size_t i = 1; i < count; ++i)
      workers_.emplace_back([this](std::stop_token stop) { work(stop); });
  }

  void run(std::size_t tasks, void (*task)(void*, std::size_t), void* context) {
    // A job inside a job, or from a second thread of the program, is done by its caller alone.
    if (workers_.empty() || tasks < 2 || in_use_.test_and_set()) {
      for (std::size_t i = 0; i < tasks; ++i) task(context, i);
      return;
    }
    std::unique_lock lock(mutex_);
    task_ = task, context_ = context, tasks_ = tasks, next_ = 0;
    ++job_;
    lock.unlock();
    wake_.notify_all();
    draw(task, context, tasks);
    spin_until([this] { return busy_ == 0; });
    lock.lock();
    idle_.wait(lock, [this] { return busy_ == 0; });
    tasks_ = 0;  // a worker that wakes late finds nothing left of this job
    in_use_.clear();
  }

 private:
  void draw(void (*task)(void*, std::size_t), void* context, std::size_t tasks) {
    for (std::size_t i; (i = next_.fetch_add(1)) < tasks;) task(context, i);
  }

  void work(std::stop_token stop) {
    std::size_t done = 0;
    std::unique_lock lock(mutex_);
    while (next_job(lock, stop, done)) {
      done = job_;
      ++busy_;
      const auto task = task_;
      const auto context = context_;
      const auto tasks = tasks_;
      lock.unlock();
      draw(task, context, tasks);
      lock.lock();
      if (--busy_ == 0) idle_.notify_one();
    }
  }

  // Waits for a job that this worker has not done yet; false when it is to stop.
  bool next_job(std::unique_lock<std::mutex>& lock, const std::stop_token& stop, std::size_t done) {
    lock.unlock();
    spin_until([&] { return job_ != done || stop.stop_requested(); });
    lock.lock();
    return wake_.wait(lock, stop, [&] { return job_ != done && tasks_ > 0; });
  }

  std::atomic_flag in_use_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::condition_variable idle_;
  void (*task_)(void*, std::size_t) = nullptr;
  void* context_ = nullptr;
  std::size_t tasks_ = 0;
  std::atomic<std::size_t> job_ = 0, busy_ = 0, next_ = 0;  // job_ and busy_ change under the lock
  std::vector<std::jthread> workers_;
};

// A child that was forked has none of its parent's threads. It leaves their pool alone, since
// nobody can join them, and makes one of its own when it first needs it.
class PoolOfProcess {
 public:
  ~PoolOfProcess() { delete pool_.load(); }

  Pool& get() {
    if (Pool* made = pool_.load(std::memory_order_acquire)) return *made;
    const std::lock_guard lock(making_);
    [[maybe_unused]] static const int at_fork = pthread_atfork(prepare, parent, child);
    if (!pool_.load()) pool_ = new Pool(count_, of_parent_);
    return *pool_.load();
  }

 private:
  static void prepare();
  static void parent();
  static void child();

  std::mutex making_;
  std::atomic<Pool*> pool_ = nullptr;
  const Pool* of_parent_ = nullptr;
  std::size_t count_ = 1;
} process;

void PoolOfProcess::prepare() { process.making_.lock(); }
void PoolOfProcess::parent() { process.making_.unlock(); }
void PoolOfProcess::child() {
  if (const Pool* left = process.pool_.exchange(nullptr)) {
    process.of_parent_ = left;
    process.count_ = left->size();
  }
  process.making_.unlock();
}

Pool& pool() { return process.get(); }

}  // namespace

void set_threads(std::size_t count) { pool().resize(count > 0 ? count : 1); }
std::size_t threads() { return pool().size(); }

void detail::run_tasks(std::size_t tasks, void (*task)(void*, std::size_t), void* context) {
  pool().run(tasks, task, context);
}

}  // namespace hourglass
