#include "files.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/readers.hpp>
#include <hourglass/data/safetensors.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

namespace fs = std::filesystem;

struct Format {
  std::function<void(const fs::path&)> read;
  std::string valid;
};

// `valid` is a small file that the reader takes.
const std::map<std::string, Format>& formats() {
  static const std::map<std::string, Format> all{
      {"idx", {[](const fs::path& file) { data::read_idx(file); }, idx_header(8, {2, 2}) + "abcd"}},
      {"npy",
       {[](const fs::path& file) { data::read_npy(file); },
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n",
            std::string("\0\0\x80\x3f\0\0\0\x40", 8))}},
      {"csv", {[](const fs::path& file) { data::read_csv(file); }, "a, b\n1, 2.5e-1\r\n-3,+4\n"}},
      {"cifar",
       {[](const fs::path& file) { data::read_cifar({file}, data::Cifar::colour); },
        cifar_record(9, 1, 2, 3)}},
      {"safetensors",
       {[](const fs::path& file) { data::read_safetensors(file); },
        safetensors(R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,2],)"
                    R"("data_offsets":[0,8]},"b":{"dtype":"U8","shape":[],"data_offsets":[8,9]}})",
                    "12345678x")}},
  };
  return all;
}

struct Case {
  const char* format;
  std::string content, part;
};

std::string dictionary(const std::string& descr, const std::string& order,
                       const std::string& shape) {
  return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + "}";
}

// One F32 tensor "a" of two numbers, with some of its fields replaced.
std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets,
                   const std::string& values = "12345678") {
  return safetensors(
      R"({"a":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}",
      values);
}
std::string two_tensors(const std::string& first, const std::string& second,
                        const std::string& values) {
  const std::string start = R"(":{"dtype":"U8","shape":[2],"data_offsets":)";
  return safetensors(R"({"a)" + start + first + R"(},"b)" + start + second + "}}", values);
}

std::vector<Case> npy_cases() {
  const std::string f8 = dictionary("'<f8'", "False", "(1, 1)");
  return {
      {"npy", "", "magic string and version: the file ends after 0 of its 8 bytes"},
      {"npy", "\x93NUM", "magic string and version: the file ends after 4"},
      {"npy", "1,2,3\n4,5,6\n", "magic string: found \"1,2,3?\", expected \"\\x93NUMPY\""},
      {"npy", npy(f8, std::string(8, 0), 4), "version: found 4, expected 1, 2 or 3"},
      {"npy", "\x93NUMPY" + bytes({1, 0, 9}), "header length: the file ends after 1 of its 2"},
      {"npy", "\x93NUMPY" + bytes({2, 0, 255, 255, 255, 255}) + "{}",
       "header length: found 4294967295, expected at most 1048576"},
      {"npy", npy("", ""), "header: found its end, expected '{'"},
      {"npy", npy("{'descr' '<f8'}", ""), "header: found \"'<f8'}\", expected ':'"},
      {"npy", npy("{'descr: <f8}", ""), "expected a value that ends with '"},
      {"npy", npy(f8 + "x", ""), "header: found \"x\", expected nothing"},
      {"npy", npy("{'descr': '<f8', 'descr': '<f8'}", ""), "header: 'descr' occurs twice"},
      {"npy", npy("{'fortran_order': False, 'shape': (1,)}", ""), "header: has no 'descr'"},
      {"npy", npy("{'descr': '<f8', 'shape': (1,)}", ""), "header: has no 'fortran_order'"},
      {"npy", npy("{'descr': '<f8', 'fortran_order': False}", ""), "header: has no 'shape'"},
      {"npy", npy(f8.substr(0, f8.size() - 1) + ", 'extra': 1}", ""), "header: found more than"},
      {"npy", npy(dictionary("'>f8'", "False", "(1, 1)"), std::string(8, 0)),
       "descr: found \"'>f8'\", expected '<f4', '<f8' or '|u1' (big-endian"},
      {"npy", npy(dictionary("'<f2'", "False", "(1,)"), "12"),
       "(half-precision numbers are not read"},
      {"npy", npy(dictionary("'<f16'", "False", "(1,)"), "12"), "(long doubles are not read"},
      {"npy", npy(dictionary("'<i8'", "False", "(1,)"), std::string(8, 0)),
       "descr: found \"'<i8'\""},
      {"npy", npy(dictionary("'|O'", "False", "(1,)"), "x"), "(Python objects are not read;"},
      {"npy", npy(dictionary("[('a', '<f8')]", "False", "(1,)"), "x"), "(records are not read;"},
      {"npy", npy(dictionary("'<f8'", "True", "(1, 1)"), std::string(8, 0)),
       "fortran_order: found True, expected False"},
      {"npy", npy(dictionary("'<f8'", "0", "(1, 1)"), std::string(8, 0)),
       "fortran_order: found \"0\", expected False"},
      {"npy", npy(dictionary("'<f8'", "False", "()"), std::string(8, 0)),
       "shape: found no dimension, expected at least one"},
      {"npy", npy(dictionary("'<f8'", "False", "(-1,)"), ""), "shape: found \"(-1,)\""},
      {"npy", npy(dictionary("'<f8'", "False", "5"), ""), "shape: found \"5\", expected sizes"},
      {"npy", npy(dictionary("'<f8'", "False", "(2 3)"), ""), "shape: found \"(2 3)\""},
      {"npy", npy(dictionary("'<f8'", "False", "(99999999999999999999,)"), ""), "shape: found"},
      {"npy", npy(dictionary("'<f8'", "False", "(3, 0)"), ""), "dimension 2: found 0, expected at"},
      {"npy", npy(dictionary("'<f8'", "False", "(4294967296, 4294967296, 2)"), ""), "2^40 values"},
      {"npy", npy(dictionary("'<f8'", "False", "(1048576, 1048576)"), "abc"),
       "values: found 3 bytes, expected 8796093022208 by the header"},
      {"npy", npy(f8, std::string(9, 0)), "values: found bytes after the 8"},
      {"npy",
       npy(dictionary("'<f4'", "False", "(2, 2)"),
           std::string(8, 0) + little_endian(0x7f800000, 4) + std::string(4, 0)),
       "row 2, column 1: found inf, expected a finite number"},
      {"npy", npy(dictionary("'<f8'", "False", "(1L, 2 L)"), std::string(16, 0)), "shape: found"},
      {"npy", npy(dictionary("'<f8'", "False", "(L,)"), std::string(8, 0)), "shape: found"},
  };
}

std::vector<Case> csv_cases() {
  return {
      {"csv", "", "rows: found none, expected numbers"},
      {"csv", "a,b\n", "rows: found none"},
      {"csv", "\n\n", "rows: found none"},
      {"csv", "1,2\n3,x\n", "row 2, column 2 (line 2): found \"x\", expected a number"},
      {"csv", "a,b\n1,2\n3,x\n", "row 2, column 2 (line 3): found \"x\""},
      {"csv", "1,b\n3,4\n", "row 1, column 2 (line 1): found \"b\""},
      {"csv", "1,2\n3,\n", "row 2, column 2 (line 2): found \"\""},
      {"csv", "1,2\n3\n", "row 2 (line 2): found 1 cells, expected 2 as in the first row"},
      {"csv", "1,2\n3,4,5\n", "row 2 (line 2): found 3 cells, expected 2"},
      {"csv", "1,2\n\n3,4\n", "line 2: is empty, expected numbers"},
      {"csv", "1,nan\n", "row 1, column 2 (line 1): found \"nan\", expected a finite number"},
      {"csv", "1\n-inf\n", "row 2, column 1 (line 2): found \"-inf\", expected a finite number"},
      {"csv", "1\n1e999\n", "found \"1e999\", expected a number within "},
      {"csv", "1,2\n3,-1e400\n",
       "row 2, column 2 (line 2): found \"-1e400\", expected a number with"},
      {"csv", "1,2\n3,Infinity\n", "found \"Infinity\", expected a finite number"},
      {"csv", "1\n+-2\n", "found \"+-2\", expected a number"},
      {"csv", "1\n1e\n", "found \"1e\", expected a number"},
      {"csv", "1\n1 000\n", "found \"1 000\", expected a number"},
      {"csv", "1,2\n\"1,000\",2\n", "found \"\"1,000\"\", expected a number"},
      {"csv", "1\n1'000\n", "found \"1'000\", expected a number"},
      {"csv", "1\n0x10\n", "row 2, column 1 (line 2): found \"0x10\""},
      {"csv", "1\n\"2\"\n", "found \"\"2\"\", expected a number"},
      {"csv", "1;2\n3;4\n",
       "row 1, column 1 (line 2): found \"3;4\", expected a number (separated by semicolons? "
       "expected "
       "commas)"},
      {"csv", "1,5;2,5\n", "found \"5;2\", expected a number (separated by semicolons?"},
      {"csv", "a\tb\n1\t2\n", "expected a number (separated by tabs? expected commas)"},
      {"csv", "a,b\n1,2,3\n",
       "header: found 2 cells, but 3 cells in row 1 (line 2): skip the first column (skip_columns) "
       "if it names the rows"},
      {"csv", "a,b,c,d\n1,2,3\n", "header: found 4 cells, but 3 cells in row 1 (line 2)"},
      {"csv", "a;b\n1,5;2,5\n", "header: found 1 cells, but 3 cells in row 1 (line 2)"},
      {"csv", "\"a,b\n1,2\n", "line 1: found a quote (\") that does not end"},
      {"csv", "a,b\n\"1,2\n", "line 2: found a quote (\") that does not end"},
      {"csv", ",a,b\n0,1,2\n",
       "header: column 1 has no name, as an index of rows has none: skip it"},
      {"csv", "\"\",\"a\"\n\"x\",1\n", "header: column 1 has no name"},
      {"csv", ",0,1\n0,1,2\n", "header: column 1 has no name"},
      {"csv", "name,a\nx,1\n",
       "row 1, column 1 (line 2): found \"x\", expected a number (skip the first column, "
       "skip_columns, if it "
       "names the rows)"},
      {"csv", "1\n" + std::string(99, 'x'), "found \"" + std::string(40, 'x') + "...\""},
      {"csv", std::string("1\n\0\x01\x80", 5), "found \"???\", expected a number"},
  };
}

std::vector<Case> cifar_cases() {
  const std::string good = cifar_record(0, 1, 2, 3);
  return {
      {"cifar", "", "records: found none, expected at least one"},
      {"cifar", good.substr(1), "record 1: the file ends after 3072 of its 3073 bytes"},
      {"cifar", good + "x", "record 2: the file ends after 1 of its 3073 bytes"},
      {"cifar", good + cifar_record(10, 1, 2, 3), "record 2: label: found 10, expected 0 to 9"},
      {"cifar", cifar_record(255, 1, 2, 3), "record 1: label: found 255"},
  };
}

std::vector<Case> safetensors_cases() {
  const std::string f32 = R"("F32")";
  return {
      {"safetensors", "", "header length: the file ends after 0 of its 8 bytes"},
      {"safetensors", "1234567", "header length: the file ends after 7"},
      {"safetensors", little_endian(3, 8) + "{}", "header length: found 3, expected at most the 2"},
      {"safetensors", little_endian(UINT64_MAX, 8) + "{}",
       "header length: found 18446744073709551615"},
      {"safetensors", safetensors("", ""), "header: found no JSON"},
      {"safetensors", safetensors("{", ""), "header: found no JSON"},
      {"safetensors", safetensors("{\"\xff\":1}", ""), "header: found no JSON"},
      {"safetensors", safetensors("[1]", ""), "header: found a JSON array, expected an object"},
      {"safetensors", safetensors(std::string(100000, '['), ""), "header: nested too deep"},
      {"safetensors", safetensors(R"({"__metadata__":[]})", ""),
       "__metadata__: found [], expected an"},
      {"safetensors", safetensors(R"({"__metadata__":{"step":3}})", ""),
       "__metadata__, step: found 3, expected a string"},
      {"safetensors", safetensors(R"({"a":7})", ""), "tensor a: found 7, expected an object"},
      {"safetensors", safetensors(R"({"a":{"shape":[],"data_offsets":[0,4]}})", "1234"),
       "tensor a: has no dtype"},
      {"safetensors", safetensors(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", "1234"),
       "tensor a: has no shape"},
      {"safetensors", safetensors(R"({"a":{"dtype":"F32","shape":[1]}})", "1234"),
       "tensor a: has no data_offsets"},
      {"safetensors", tensor(R"("F16")", "[4]", "[0,8]"),
       "tensor a: dtype: found \"F16\", expected F32, F64, I64, U64 or U8"},
      {"safetensors", tensor("32", "[2]", "[0,8]"), "tensor a: dtype: found 32"},
      {"safetensors", tensor(f32, "2", "[0,8]"), "tensor a: shape: found 2, expected a list"},
      {"safetensors", tensor(f32, "[-2]", "[0,8]"), "tensor a: shape: found [-2]"},
      {"safetensors", tensor(f32, "[2.0]", "[0,8]"), "tensor a: shape: found [2.0]"},
      {"safetensors", tensor(f32, "[4294967296,4294967296]", "[0,8]"), "is beyond 2^64 bytes"},
      {"safetensors", tensor(f32, "[3]", "[0,8]"),
       "tensor a: data_offsets: found [0,8], expected 12 bytes for F32 of shape [3]"},
      {"safetensors", tensor(f32, "[2]", "[8,0]"), "found [8,0], expected a begin and an end"},
      {"safetensors", tensor(f32, "[2]", "[0]"), "found [0], expected a begin and an end"},
      {"safetensors", tensor(f32, "[2]", R"(["0",8])"), "data_offsets: found [\"0\",8]"},
      {"safetensors", tensor(f32, "[2]", "[0,8]", "1234"),
       "tensor a: data_offsets: ends at byte 8, but the file holds 4 bytes of data"},
      {"safetensors", tensor(f32, "[1099511627776]", "[0,4398046511104]"), "ends at byte 43980465"},
      {"safetensors", tensor(f32, "[2]", "[0,8]", "12345678x"),
       "data: found 1 bytes after the last"},
      {"safetensors", tensor(f32, "[2]", "[4,12]", "123456789012"),
       "tensor a: data_offsets: begins at byte 4, expected 0 (there is a gap"},
      {"safetensors", two_tensors("[0,2]", "[3,5]", "12345"),
       "tensor b: data_offsets: begins at byte 3"},
      {"safetensors", two_tensors("[0,2]", "[1,3]", "123"),
       "begins at byte 1, expected 2 (it overlaps"},
      {"safetensors", two_tensors("[0,2]", "[0,2]", "12"),
       "begins at byte 0, expected 2 (it overlaps"},
      {"safetensors", safetensors(R"({"a":{},"a":{}})", ""), "header: \"a\" occurs twice"},
      {"safetensors", safetensors(R"({"a":{"dtype":"U8","dtype":"U8"}})", ""),
       "\"dtype\" occurs twice"},
  };
}

// What is said about the file; empty if it is read.
std::string complaint(const Format& format, const fs::path& file) {
  try {
    format.read(file);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("malformed files are refused with the file, the field, the found and the expected") {
  const TemporaryFolder folder;
  std::size_t count = 0;
  for (const auto& cases : {npy_cases(), csv_cases(), cifar_cases(), safetensors_cases()})
    for (const Case& one : cases) {
      const auto file = folder.write("bad", one.content);
      const std::string found = complaint(formats().at(one.format), file);
      CHECK_MESSAGE(found.find(file.string() + ": ") == 0, one.format << ": '" << found << "'");
      CHECK_MESSAGE(found.find(one.part) != std::string::npos,
                    one.format << ": expected '" << one.part << "' in '" << found << "'");
      ++count;
    }
  CHECK(count >= 80);
}

TEST_CASE("files that are missing and folders are refused by every reader") {
  const TemporaryFolder folder;
  for (const auto& [name, format] : formats()) {
    CHECK(complaint(format, folder.path() / "nothing").find("No such file") != std::string::npos);
    CHECK(complaint(format, folder.path()).find("expected a") != std::string::npos);
  }
}

TEST_CASE("a flipped byte or a cut never does more than make a file refused") {
  const TemporaryFolder folder;
  for (const auto& named : formats()) {
    const Format& format = named.second;
    INFO(named.first);
    const auto attempt = [&](const std::string& content) {
      complaint(format, folder.write("x", content));  // anything but InputError fails the test
    };
    REQUIRE(complaint(format, folder.write("x", format.valid)).empty());
    // headers byte by byte; of the thousands of pixels of an image a few
    const std::size_t stride = format.valid.size() > 1000 ? 97 : 1;
    for (std::size_t k = 0; k < format.valid.size(); k += stride) {
      attempt(format.valid.substr(0, k));
      for (const int mask : {0x01, 0x20, 0x80, 0xff}) {
        std::string flipped = format.valid;
        flipped[k] = static_cast<char>(flipped[k] ^ mask);
        attempt(flipped);
      }
    }
  }
}
