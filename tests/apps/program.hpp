#pragma once

// Runs an app as a user would, and looks at its exit status and output.

#include "../temporary_folder.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <sys/wait.h>

struct ProgramRun {
  int status;
  std::string out, err;
};

// A folder of its own for each test.
struct Scratch : hourglass::testing::TemporaryFolder {
  std::string file(const std::string& name, const std::string& text) const {
    return write(name, text).string();
  }
};

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// `arguments` as for a shell; `before`: "timeout 60".
inline ProgramRun run_program(const std::string& name, const std::string& arguments,
                              const Scratch& scratch, const std::string& before = "") {
  const char* apps = std::getenv("HOURGLASS_APPS");
  REQUIRE_MESSAGE(apps, "HOURGLASS_APPS names the folder of the apps; `meson test` sets it");
  const auto err = scratch.path() / "stderr";
  const std::string command = before + " '" + std::string(apps) + "/" + name + "' " + arguments +
                              " 2> '" + err.string() + "'";
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::array<char, 4096> buffer;
  std::string out;
  while (const std::size_t size = fread(buffer.data(), 1, buffer.size(), pipe))
    out.append(buffer.data(), size);
  const int status = pclose(pipe);
  return {WEXITSTATUS(status), out, text_of(err)};
}
