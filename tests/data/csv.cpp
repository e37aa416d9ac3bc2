#include "files.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/readers.hpp>

#include <limits>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::testing;
using data::CsvHeader;

namespace {

Array read(const std::string& content, CsvHeader header = CsvHeader::detect,
           std::size_t samples = 0, bool compressed = false) {
  const TemporaryFolder folder;
  return data::read_csv(write(folder, "x.csv", content, compressed), samples, header).x;
}

}  // namespace

TEST_CASE("CSV numbers are read, with and without a header, however lines end") {
  const std::string variants[] = {"1,2.5\n-3e-2,4\n",
                                  "1,2.5\n-3e-2,4",
                                  "1,2.5\r\n-3e-2,4\r\n",
                                  " 1 ,\t2.5\n-3e-2,+4\n",
                                  "width,height\n1,2.5\n-3e-2,4\n\n\n",
                                  "\xef\xbb\xbf"
                                  "1,2.5\n-3e-2,4\n",
                                  "\"a, b\",c\n1,2.5\n-3e-2,4\n"};
  for (const std::string& content : variants)
    for (const bool compressed : {false, true}) {
      INFO(content);
      const Array x = read(content, CsvHeader::detect, 0, compressed);
      REQUIRE(shape_of(x) == Shape{2, 2});
      CHECK(x(0, 0) == 1);
      CHECK(x(0, 1) == Real(2.5));
      CHECK(x(1, 0) == Real(-3e-2));
      CHECK(x(1, 1) == 4);
    }
}

TEST_CASE("CSV numbers are read as strtod reads them, to the edges of what a number can be") {
  const auto one = [](const std::string& cell) { return read(cell + "\n")(0, 0); };
  CHECK(one("1e-400") == 0);
  CHECK(one("-1e-999999999") == 0);
  CHECK(one("0.0000001e-400") == 0);
  CHECK(one("0e999999999") == 0);
  CHECK(one("4.9e-324") == static_cast<Real>(4.9e-324));  // the least double
  CHECK(one("1e-310") == static_cast<Real>(1e-310));
  CHECK(one(".5") == Real(0.5));
  CHECK(one("5.") == Real(5));
  CHECK(one("+1") == Real(1));
  CHECK(one("1E5") == Real(1e5));
  CHECK(one("  -2\t") == Real(-2));
  CHECK(one("0." + std::string(400, '0') + "1") == 0);
  const char *most = "1.7976931348623157e308", *most_single = "3.4028234e38";
  if constexpr (sizeof(Real) == 8) {
    CHECK(one(most) == static_cast<Real>(std::numeric_limits<double>::max()));
  } else {
    CHECK(one(most_single) == static_cast<Real>(std::numeric_limits<float>::max()));
    CHECK_THROWS_WITH_AS(one("1e39"),
                         doctest::Contains("found \"1e39\", expected a number within "
                                           "single precision (up to 3.4e+38)"),
                         InputError);
    CHECK_THROWS_AS(one(most), InputError);
  }
}

TEST_CASE("the first columns of a CSV can be skipped: an index, names of the rows") {
  const auto skipping = [](const std::string& content, std::size_t columns = 1) {
    const TemporaryFolder folder;
    return data::read_csv(folder.write("x.csv", content), 0, CsvHeader::detect, columns).x;
  };
  for (const char* content : {",a,b\n0,1,2\n1,3,4\n",                           // pandas
                              ",0,1\n0,1,2\n1,3,4\n",                           // unnamed columns
                              "\"\",\"a\",\"b\"\n\"x, y\",1,2\n\"z\",3,4\n",    // R's write.csv
                              "\"a\",\"b\"\n\"x\",1,2\n\"y\",3,4\n",            // R's write.table
                              "name,a,b\nx,1,2\ny,3,4\n", "x,1,2\ny,3,4\n"}) {  // with and without
    INFO(content);
    const Array x = skipping(content);
    REQUIRE(shape_of(x) == Shape{2, 2});
    for (std::size_t k = 0; k < 4; ++k) CHECK(x.data()[k] == static_cast<Real>(k + 1));
  }
  CHECK(skipping("a,b,c,d\nx,y,1,2\n", 2) == read("1,2\n"));
  CHECK(skipping("c,d\nx,y,1,2\n", 2) == read("1,2\n"));
  const auto refused = [&](const std::string& content, std::size_t columns, const char* part) {
    CHECK_THROWS_WITH_AS(skipping(content, columns), doctest::Contains(part), InputError);
  };
  refused("1,2\n3,4\n", 2, "row 1 (line 2): found 2 cells, expected more than the 2 to skip");
  refused("1\n", 1, "rows: found none");
  refused("a,b\n1,2,3,4\n", 1, "header: found 2 cells, but 4 cells in row 1 (line 2)");
  refused("x,1,2\ny,3\n", 1, "row 2 (line 2): found 2 cells, expected 3 as in the first row");
}

TEST_CASE("a CSV header can be said to be there or not") {
  CHECK(shape_of(read("2019,2020\n1,2\n", CsvHeader::present)) == Shape{1, 2});
  CHECK(shape_of(read("2019,2020\n1,2\n")) == Shape{2, 2});
  CHECK_THROWS_WITH_AS(read("a,b\n1,2\n", CsvHeader::absent),
                       doctest::Contains("row 1, column 1 (line 1): found \"a\""), InputError);
}

TEST_CASE("CSV lines longer than a buffer are put together, and samples limit the rows") {
  std::string content;
  constexpr std::size_t rows = 40, columns = 5000;  // 20 to 30 kB a line, buffers of 64 kB
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c)
      content += std::to_string(r * columns + c) + (c + 1 < columns ? "," : "\n");
  const Array x = read(content);
  REQUIRE(shape_of(x) == Shape{rows, columns});
  std::size_t wrong = 0;
  for (std::size_t k = 0; k < x.size(); ++k) wrong += x.data()[k] != static_cast<Real>(k);
  CHECK(wrong == 0);
  CHECK(shape_of(read(content, CsvHeader::detect, 7)) == Shape{7, columns});
  CHECK_THROWS_WITH_AS(read("1\n2\nx\n", CsvHeader::detect, 1), doctest::Contains("row 3"),
                       InputError);
  CHECK_THROWS_WITH_AS(read("1\n2\n", CsvHeader::detect, 3),
                       doctest::Contains("samples: found 2, asked for 3"), InputError);
}
