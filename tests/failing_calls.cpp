// Preloaded into an app, it makes the n-th call of write, fsync or rename fail, or end the process
// as SIGKILL would: FAILING_CALL="rename:3:28" (the number of the error) or "rename:3:kill".

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <unistd.h>

namespace {

// Whether this call is the one; errno is set then.
bool fails(const char* name) {
  static long calls = 0;
  const char* wanted = std::getenv("FAILING_CALL");
  const std::size_t length = std::strlen(name);
  if (!wanted || std::strncmp(wanted, name, length) != 0 || wanted[length] != ':') return false;
  char* rest = nullptr;
  if (++calls != std::strtol(wanted + length + 1, &rest, 10)) return false;
  if (std::strcmp(rest, ":kill") == 0) std::raise(SIGKILL);
  errno = std::atoi(rest + 1);
  return true;
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

// Output is no file of results.
ssize_t write(int descriptor, const void* bytes, size_t count) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  return descriptor > 2 && fails("write") ? -1 : real(descriptor, bytes, count);
}

int fsync(int descriptor) {
  static const auto real = next<int (*)(int)>("fsync");
  return fails("fsync") ? -1 : real(descriptor);
}

int rename(const char* from, const char* to) noexcept {
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  return fails("rename") ? -1 : real(from, to);
}

}  // extern "C"
