#include "../../apps/cli/config_file.hpp"
#include "target.hpp"

#include <optional>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

struct Config {
  std::size_t count = 3;
  std::optional<double> rate = {};
  std::vector<std::size_t> sizes = {4, 2};
  std::vector<std::vector<double>> spectra = {{0.6, 0.25}};
  bool tied = false;
  std::string name = "x";
};

void add_options(Options& options, Config& config) {
  options.add("count", config.count, "N", "", at_least(1));
  options.add("rate", config.rate, "RATE", "", positive());
  options.add("sizes", config.sizes, "LIST", "", between(1, 100));
  options.add("spectra", config.spectra, "LISTS", "");
  options.flag("tied", config.tied, "");
  options.add("name", config.name, "NAME", "");
}

}  // namespace

std::vector<std::string> hourglass::testing::samples() {
  return {"count = 1e5\nrate = 1e-3 # slow\nsizes = [1, 2]\ntied = true\n",
          "name = \"a \\u00e9 \xc3\xa9\"\nspectra = [\"1:2\", '3']\ncount = 0x10",
          "# \xef\xbb\xbf\ncount = 1_0\nrate = -inf\nname = 1979-05-27T07:32:00Z",
          "[sizes]\na.b = {x = [[1], {}]}\n\"\" = 1\n",
          "{\"app\": \"train\", \"config\": {\"count\": 5, \"sizes\": [1, 2], \"rate\": null}}"};
}

HOURGLASS_MUTATES_SAMPLES

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return read_or_refuse(data, size, [](const auto& file) {
    Config config;
    Options options;
    add_options(options, config);
    for (const ConfigEntry& entry : read_config(file, "train", options).entries)
      options.set(entry.name, entry.texts, entry.place);
    options.check_ranges();
    options.settings();
  });
}
