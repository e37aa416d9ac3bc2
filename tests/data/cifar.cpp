#include "files.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/readers.hpp>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::testing;

TEST_CASE("CIFAR-10 records become rows in colour or grey") {
  const TemporaryFolder folder;
  std::string record = cifar_record(3, 255, 0, 51);
  record[1 + 1024 + 7] = static_cast<char>(102);  // green of pixel 7
  for (const bool compressed : {false, true}) {
    const auto file = write(folder, "x.bin", record + cifar_record(9, 1, 2, 3), compressed);
    const Array colour = data::read_cifar({file}, data::Cifar::colour).x;
    REQUIRE(shape_of(colour) == Shape{2, 3072});
    CHECK(colour(0, 0) == Real{1});
    CHECK(colour(0, 1023) == Real{1});
    CHECK(colour(0, 1024) == Real{0});
    CHECK(colour(0, 1024 + 7) == doctest::Approx(0.4));
    CHECK(colour(0, 3071) == doctest::Approx(0.2));
    CHECK(colour(1, 3071) == doctest::Approx(3 / 255.0));
    const Array grey = data::read_cifar({file}, data::Cifar::grey).x;
    REQUIRE(shape_of(grey) == Shape{2, 1024});
    CHECK(grey(0, 0) == doctest::Approx(0.299 + 0.114 * 0.2));
    CHECK(grey(0, 7) == doctest::Approx(0.299 + 0.587 * 0.4 + 0.114 * 0.2));
    CHECK(grey(1, 5) == doctest::Approx((0.299 + 2 * 0.587 + 3 * 0.114) / 255));
  }
}

TEST_CASE("CIFAR-10 batches of a folder are read in order, samples limit the rows") {
  const TemporaryFolder folder;
  folder.write("data_batch_2.bin", cifar_record(0, 20, 0, 0) + cifar_record(0, 21, 0, 0));
  folder.write("data_batch_1.bin", cifar_record(0, 10, 0, 0));
  folder.write("test_batch.bin", cifar_record(0, 99, 0, 0));
  folder.write("readme.html", "x");
  const auto batches = data::cifar_batches(folder.path());
  REQUIRE(batches.size() == 2);
  const data::FileValues all = data::read_cifar(batches, data::Cifar::colour);
  REQUIRE(all.x.shape()[0] == 3);
  CHECK(all.x(0, 0) == doctest::Approx(10 / 255.0));
  CHECK(all.x(2, 0) == doctest::Approx(21 / 255.0));
  const data::FileValues two = data::read_cifar(batches, data::Cifar::colour, 2);
  REQUIRE(two.x.shape()[0] == 2);
  CHECK(two.x(1, 0) == doctest::Approx(20 / 255.0));
  CHECK(two.checksum != all.checksum);
  CHECK_THROWS_WITH_AS(data::read_cifar(batches, data::Cifar::colour, 4),
                       doctest::Contains("samples: found 3, asked for 4"), InputError);
  folder.write("data_batch_2.bin", cifar_record(0, 20, 0, 0) + "cut");
  CHECK_THROWS_WITH_AS(data::read_cifar(batches, data::Cifar::colour, 1),
                       doctest::Contains("data_batch_2.bin: record 2"), InputError);
}

TEST_CASE("CIFAR-10 from no file at all is refused") {
  CHECK_THROWS_AS(data::read_cifar({}, data::Cifar::colour), InputError);
}
