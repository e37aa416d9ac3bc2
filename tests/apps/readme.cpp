// The example that the README shows is the file that is compiled and run.

#include "paths.hpp"
#include "program.hpp"

#include <string>

#include <doctest/doctest.h>

TEST_CASE("readme: the example is the one that is tested, and it runs") {
  const std::string readme = text_of(SOURCE_DIR "/README.md");
  const std::string example = text_of(SOURCE_DIR "/tests/readme_example.cpp");
  REQUIRE(example.size() > 500);
  CHECK(readme.find("```cpp\n" + example + "```") != std::string::npos);
  const Scratch scratch;
  const ProgramRun run = run_program("../tests/readme_example", "", scratch);
  CHECK_MESSAGE(run.status == 0, run.out, run.err);
  CHECK(run.out.find("mode 2: worst at step") != std::string::npos);
}
