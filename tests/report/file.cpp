#include "../temporary_folder.hpp"
#include <hourglass/core/file.hpp>

#include <algorithm>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;
using hourglass::testing::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

std::string complaint(const fs::path& file) {
  try {
    write_file(file, "content");
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a file is written whole, over an older one, with its folders") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "new" / "er" / "file.txt";
  write_file(file, "first and long");
  write_file(file, std::string_view("a\0b", 3));
  CHECK(read_file(file) == std::string("a\0b", 3));
  CHECK(entries(file.parent_path()) == 1);
}

TEST_CASE("where writing fails, the path is named and nothing is left") {
  const TemporaryFolder folder;
  const fs::path taken = folder.path() / "taken";
  fs::create_directories(taken / "inside");
  CHECK(complaint(taken).find(taken.string() + ": cannot be written") == 0);
  CHECK(entries(folder.path()) == 1);
  CHECK(entries(taken) == 1);

  const fs::path below = folder.write("plain", "x") / "file.txt";
  CHECK(complaint(below).find((folder.path() / "plain").string() + ": cannot be made") == 0);
  CHECK(read_file(folder.path() / "plain") == "x");

  // a name that is too long for the file system
  CHECK(!complaint(folder.path() / std::string(300, 'n')).empty());
  CHECK(entries(folder.path()) == 2);
}

TEST_CASE("a missing file cannot be read") {
  CHECK_THROWS_WITH_AS(read_file("/nowhere/file"),
                       "/nowhere/file: cannot be read: No such file or directory",
                       std::runtime_error);
}

TEST_CASE("a staging folder goes with what was not published") {
  const TemporaryFolder folder;
  {
    const StagingFolder staging(folder.path());
    write_file(staging.path() / "good", "1");
    write_file(staging.path() / "unfinished", "2");
    staging.publish("good");
    CHECK(entries(folder.path()) == 2);
  }
  CHECK(entries(folder.path()) == 1);
  CHECK(read_file(folder.path() / "good") == "1");
}
