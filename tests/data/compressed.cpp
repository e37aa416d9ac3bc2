#include "files.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/readers.hpp>

#include <functional>
#include <map>
#include <string>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

namespace fs = std::filesystem;

const std::string first_rows = "1,2\n3,4\n", last_rows = "5,6\n7,8\n";

Array read(const std::string& content) {
  const TemporaryFolder folder;
  return data::read_csv(folder.write("x.csv.gz", content)).x;
}

// What is said after the name of the file; empty if it is read.
std::string complaint(const std::string& content) {
  try {
    read(content);
  } catch (const InputError& error) {
    const std::string text = error.what();
    return text.substr(text.find(": ") + 2);
  }
  return "";
}

std::string with_byte(std::string text, std::size_t place, int value) {
  text.at(place) = static_cast<char>(value);
  return text;
}

}  // namespace

TEST_CASE("a gzip file may have several members, empty ones too, and padding by zeros") {
  const std::string a = gzip(first_rows), b = gzip(last_rows), none = gzip("");
  for (const std::string& content :
       {a + b, none + a + none + b + none, a + b + std::string(1000, '\0'),
        gzip("1,2\n3,") + gzip("4\n5,6\n7,8") + std::string(300000, '\0')}) {
    const Array x = read(content);
    REQUIRE(shape_of(x) == Shape{4, 2});
    for (std::size_t k = 0; k < 8; ++k) CHECK(x.data()[k] == static_cast<Real>(k + 1));
  }
  CHECK(complaint(none) == "rows: found none, expected numbers");
  CHECK(complaint("") == "rows: found none, expected numbers");
}

TEST_CASE("a gzip file whose later members are damaged is refused, and where is said") {
  const std::string a = gzip(first_rows), b = gzip(last_rows), both = a + b;
  const std::string after = "the compressed data is corrupt after " + std::to_string(a.size() + 1) +
                            " bytes: other bytes after padding by zeros";
  const std::string corrupt = "the compressed data is corrupt after ";
  const std::string cut =
      "the compressed data is cut off after " + std::to_string(both.size() - 1) + " bytes";
  CHECK(complaint(with_byte(both, a.size(), 0)) == after);
  CHECK(complaint(with_byte(both, a.size(), 0x1e)).starts_with(corrupt));  // the magic bytes
  CHECK(complaint(with_byte(both, a.size() + 1, 0)).starts_with(corrupt));
  CHECK(complaint(with_byte(both, a.size() + 2, 7)).starts_with(corrupt));  // the method
  CHECK(complaint(with_byte(both, both.size() - 6, 1)).find("incorrect data check") !=
        std::string::npos);
  CHECK(complaint(with_byte(both, both.size() - 1, 1)).find("incorrect length check") !=
        std::string::npos);
  CHECK(complaint(both.substr(0, both.size() - 1)) == cut);
  for (std::size_t size = a.size() + 1; size < both.size(); ++size)
    CHECK(complaint(both.substr(0, size)).find("cut off after") != std::string::npos);
  CHECK(complaint(both + "garbage").starts_with(corrupt));
  CHECK(complaint(both + std::string(5, '\0') + "x").find("other bytes after padding") !=
        std::string::npos);
  CHECK(complaint(both + std::string(5, '\0') + a).find("other bytes after padding") !=
        std::string::npos);
}

TEST_CASE("no reader drops a member of a gzip file in silence") {
  const std::string npy_file =
      npy("{'descr': '|u1', 'fortran_order': False, 'shape': (4, 2)}", "abcdefgh");
  const std::map<std::string, std::pair<std::string, std::function<void(const fs::path&)>>> readers{
      {"idx", {idx_header(8, {4, 2}) + "abcdefgh", [](const auto& f) { data::read_idx(f); }}},
      {"npy", {npy_file, [](const auto& f) { data::read_npy(f); }}},
      {"csv", {first_rows + last_rows, [](const auto& f) { data::read_csv(f); }}},
      {"cifar", {cifar_record(1, 2, 3, 4) + cifar_record(1, 2, 3, 4), [](const auto& f) {
                   data::read_cifar({f}, data::Cifar::grey);
                 }}}};
  const TemporaryFolder folder;
  for (const auto& named : readers) {
    INFO(named.first);
    const auto& [content, reader] = named.second;
    const std::string a = gzip(content.substr(0, content.size() / 2)),
                      b = gzip(content.substr(content.size() / 2));
    CHECK_NOTHROW(reader(folder.write("x", a + b)));
    CHECK_NOTHROW(reader(folder.write("x", a + b + std::string(8, '\0'))));
    CHECK_THROWS_AS(reader(folder.write("x", with_byte(a + b, a.size() + 1, 0))), InputError);
    CHECK_THROWS_AS(reader(folder.write("x", a + b + "x")), InputError);
    CHECK_THROWS_AS(reader(folder.write("x", (a + b).substr(0, a.size() + 12))), InputError);
  }
}
