#include "toml_config.hpp"

#include <hourglass/core/error.hpp>

#include <charconv>
#include <string>
#include <vector>

#include <toml++/toml.h>

namespace hourglass {
namespace {

std::string shortest(double x) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, x).ptr};
}

class TomlConfig final : public CLI::Config {
 public:
  explicit TomlConfig(const CLI::App& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> items;
    for (const auto& [key, value] : parsed(input)) items.push_back(item(key, value));
    return items;
  }

  // Nothing here writes options.
  std::string to_config(const CLI::App*, bool, bool, std::string) const override { return {}; }

 private:
  toml::table parsed(std::istream& input) const {
    try {
      return toml::parse(input);
    } catch (const toml::parse_error& error) {
      refuse(error.source(), std::string(error.description()) + ", expected TOML");
    }
  }

  CLI::ConfigItem item(const toml::key& key, const toml::node& value) const {
    const std::string name(key.str());
    const CLI::Option* option = app_.get_option_no_throw("--" + name);
    if (option == nullptr)
      refuse(key.source(), "found '" + name + "', expected the name of an option (see --help)");
    if (option->get_expected_max() == 0 && !value.is_boolean())
      refuse(value.source(), name + ": expected true or false");
    CLI::ConfigItem result{{}, name, {}};
    if (const toml::array* list = value.as_array())
      for (const toml::node& entry : *list) result.inputs.push_back(text_of(name, entry));
    else
      result.inputs.push_back(text_of(name, value));
    return result;
  }

  std::string text_of(const std::string& name, const toml::node& value) const {
    if (const auto* text = value.as_string()) return text->get();
    if (const auto* whole = value.as_integer()) return std::to_string(whole->get());
    if (const auto* number = value.as_floating_point()) return shortest(number->get());
    if (const auto* flag = value.as_boolean()) return flag->get() ? "true" : "false";
    refuse(value.source(),
           name + ": expected a string, a number, true or false, or a list of them");
  }

  [[noreturn]] void refuse(const toml::source_region& place, const std::string& what) const {
    throw InputError(app_.get_config_ptr()->as<std::string>() + ": line " +
                     std::to_string(place.begin.line) + ": " + what);
  }

  const CLI::App& app_;
};

}  // namespace

std::shared_ptr<CLI::Config> toml_config(const CLI::App& app) {
  return std::make_shared<TomlConfig>(app);
}

}  // namespace hourglass
