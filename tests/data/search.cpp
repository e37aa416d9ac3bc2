#include "files.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/search.hpp>

#include <cstdlib>
#include <optional>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

namespace fs = std::filesystem;

// Sets HOURGLASS_DATA and the current folder, and puts both back.
class Surroundings {
 public:
  Surroundings(const char* variable, const fs::path& current) : folder_(fs::current_path()) {
    if (const char* value = std::getenv(name)) before_ = value;
    variable ? setenv(name, variable, 1) : unsetenv(name);
    fs::current_path(current);
  }
  ~Surroundings() {
    fs::current_path(folder_);
    before_ ? setenv(name, before_->c_str(), 1) : unsetenv(name);
  }

 private:
  static constexpr const char* name = "HOURGLASS_DATA";
  fs::path folder_;
  std::optional<std::string> before_;
};

const std::string train = "train-images-idx3-ubyte", test = "t10k-images-idx3-ubyte";

// As many 1x1 images as `count`: the count tells afterwards which file was read.
std::string images(std::uint32_t count) {
  return idx_header(8, {count, 1, 1}) + std::string(count, 'x');
}

std::size_t found(const DataRequest& request) { return data::load_dataset(request).samples(); }

std::string complaint(const DataRequest& request) {
  try {
    data::load_dataset(request);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("data sets are searched in order: directory, variable, datasets/") {
  const TemporaryFolder folder;
  const fs::path given = folder.path() / "given", variable = folder.path() / "variable";
  fs::create_directories(given);
  const Surroundings here(variable.c_str(), folder.path());

  write(folder, "datasets/" + train, images(1));
  CHECK(found({.name = "mnist"}) == 1);
  write(folder, "datasets/mnist/" + train, images(2));
  CHECK(found({.name = "mnist"}) == 2);
  write(folder, "variable/" + train + ".gz", images(3), true);
  CHECK(found({.name = "mnist"}) == 3);
  write(folder, "variable/mnist/" + train + ".gz", images(4), true);
  CHECK(found({.name = "mnist", .directory = given.string()}) == 4);
  write(folder, "given/" + train, images(5));
  CHECK(found({.name = "mnist", .directory = given.string()}) == 5);
  CHECK(found({.name = "mnist"}) == 4);
  write(folder, "given/mnist/" + train, images(6));
  CHECK(found({.name = "mnist", .directory = given.string()}) == 6);
}

TEST_CASE("training images come before test images, and the name says which") {
  const TemporaryFolder folder;
  const DataRequest request{.name = "mnist", .directory = folder.path().string()};
  write(folder, test + ".gz", images(2), true);
  CHECK(data::load_dataset(request).name == "mnist, test images");
  write(folder, train, images(3));
  CHECK(data::load_dataset(request).name == "mnist, training images");
  CHECK(found(request) == 3);
}

TEST_CASE("a folder called after another data set is not taken for this one") {
  const TemporaryFolder folder;
  const Surroundings here(nullptr, folder.path());
  write(folder, "fashion-mnist/" + train, images(3));
  const std::string other = (folder.path() / "fashion-mnist").string();
  CHECK(found({.name = "fashion-mnist", .directory = other}) == 3);
  for (const char* ending : {"", "/"})
    CHECK(contains(complaint({.name = "mnist", .directory = other + ending}), "mnist: found no"));
}

TEST_CASE("paths name IDX files directly") {
  const TemporaryFolder folder;
  const auto file = write(folder, "mine.gz", images(4), true);
  const Dataset mine = data::load_dataset({.name = file.string(), .samples = 3});
  CHECK(mine.name == "mine.gz");
  CHECK(mine.samples() == 3);
  CHECK(contains(complaint({.name = file.string(), .samples = 5}), "samples: found 4"));
}

TEST_CASE("CIFAR-10 is found by name, in either folder that it can be in") {
  const TemporaryFolder folder;
  const Surroundings here(nullptr, folder.path());
  const DataRequest colour{.name = "cifar10"}, gray{.name = "cifar10-gray"};
  CHECK(contains(complaint(gray), "cifar10-gray: found no data_batch_*.bin or test_batch.bin"));
  CHECK(contains(complaint(gray), "fetch it with: datasets/download.sh cifar10"));
  write(folder, "datasets/cifar-10-batches-bin/test_batch.bin", cifar_record(1, 1, 1, 1));
  CHECK(data::load_dataset(colour).name == "cifar10, test images");
  write(folder, "datasets/cifar10/data_batch_1.bin",
        cifar_record(1, 1, 1, 1) + cifar_record(2, 2, 2, 2));
  CHECK(data::load_dataset(gray).name == "cifar10-gray, training images");
  CHECK(shape_of(data::load_dataset(gray).x) == Shape{2, 1024});
  CHECK(shape_of(data::load_dataset(colour).x) == Shape{2, 3072});
}

TEST_CASE("the ending of a path says how it is read") {
  const TemporaryFolder folder;
  const auto shape = [&](const fs::path& path) {
    return shape_of(data::load_dataset({.name = path.string()}).x);
  };
  const std::string array =
      npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)}", "abcdef");
  CHECK(shape(write(folder, "a.npy", array)) == Shape{2, 3});
  CHECK(shape(write(folder, "a.npy.gz", array, true)) == Shape{2, 3});
  CHECK(shape(write(folder, "a.csv", "1,2\n")) == Shape{1, 2});
  CHECK(shape(write(folder, "batches/data_batch_1.bin", cifar_record(1, 1, 1, 1))) ==
        Shape{1, 3072});
  CHECK(shape(folder.path() / "batches") == Shape{1, 3072});
  CHECK(data::load_dataset({.name = (folder.path() / "batches/").string()}).name == "batches");
}

TEST_CASE("endings in capitals are the same, and those of other programs are explained") {
  const TemporaryFolder folder;
  const auto shape = [&](const fs::path& path) {
    return shape_of(data::load_dataset({.name = path.string()}).x);
  };
  CHECK(shape(folder.write("A.CSV", "1,2\n")) == Shape{1, 2});
  CHECK(shape(write(folder, "A.Csv.GZ", "1,2\n", true)) == Shape{1, 2});
  CHECK(shape(folder.write("A.NPY", npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}",
                                        "ab"))) == Shape{2, 1});
  const auto said = [&](const char* name) {
    return complaint({.name = folder.write(name, "PK").string()});
  };
  CHECK(contains(said("a.npz"), "a.npz: is an archive of NumPy arrays, expected one array"));
  CHECK(contains(said("a.NPZ"), "numpy.save"));
  CHECK(contains(said("a.tsv.gz"), "is separated by tabs, expected a .csv"));
  CHECK(contains(said("a.txt"), "is a text file, expected a .csv"));
  CHECK(contains(said("a.csv.xz"), "is compressed by xz"));
}

TEST_CASE("columns are skipped of a .csv, and of nothing else") {
  const TemporaryFolder folder;
  const auto skip = [&](const fs::path& path) {
    return DataRequest{.name = path.string(), .skip_columns = 1};
  };
  CHECK(shape_of(data::load_dataset(skip(folder.write("a.csv", ",a\n0,7\n"))).x) == Shape{1, 1});
  const fs::path array =
      folder.write("a.npy", npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}", "ab"));
  for (const fs::path& other : {array, fs::path("fashion-mnist")})
    CHECK(contains(complaint(skip(other)), "asked to skip columns, which a .csv alone has"));
}

TEST_CASE("what cannot be found is explained") {
  const TemporaryFolder folder;
  const Surroundings here("/nowhere", folder.path());
  const std::string missing = complaint({.name = "mnist", .directory = folder.path().string()});
  for (const std::string& part :
       {folder.path().string(), std::string("/nowhere/mnist"), std::string("datasets"),
        std::string("/usr/share/datasets"), std::string("datasets/download.sh mnist")})
    CHECK_MESSAGE(contains(missing, part), part << " in: " << missing);
  CHECK(contains(complaint({.name = "nosuch"}),
                 "one of: fashion-mnist, mnist, cifar10, cifar10-gray"));
  CHECK(contains(complaint({.name = "mnist", .directory = "typo"}), "typo: no such folder"));
  CHECK(contains(complaint({.name = folder.path().string()}), "is a folder"));
}

TEST_CASE("the packaged Fashion-MNIST is read") {
  if (!fs::exists("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz")) {
    MESSAGE("skipped: Debian's dataset-fashion-mnist is not installed");
    return;
  }
  const TemporaryFolder folder;
  const Surroundings here(nullptr, folder.path());
  const Dataset fashion = data::load_dataset({.samples = 100});
  CHECK(shape_of(fashion.x) == Shape{100, 784});
  CHECK(contains(complaint({.samples = 60001}), "samples: found 60000, asked for 60001"));
}
