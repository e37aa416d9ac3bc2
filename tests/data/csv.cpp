#include "files.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/readers.hpp>

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
