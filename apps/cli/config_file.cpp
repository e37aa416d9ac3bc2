#include "config_file.hpp"

#include "strict_json.hpp"
#include "toml_guard.hpp"
#include <hourglass/report/number.hpp>

#include <cmath>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>
#include <toml++/toml.h>

namespace hourglass {
namespace {

using nlohmann::json;

constexpr std::size_t largest = 1 << 20;  // bytes
constexpr const char* values = ": expected a string, a number, true or false, or a list of them";

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path))
    throw InputError("--config: " + path.string() + ": cannot be read");
  std::string content(largest + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (content.size() > largest)
    throw InputError("--config: " + path.string() + ": is larger than 1 MiB");
  return content;
}

[[noreturn]] void refuse(const std::string& place, const std::string& what) {
  throw InputError(place + ": " + what);
}

void require_known(const std::string& name, const std::string& place, Options& options) {
  if (!options.find(name) || name == "config")
    refuse(place, "found '" + name + "', expected the name of an option (see --help)");
}

std::string text_of(const toml::node& value, const std::string& name, const std::string& place) {
  if (const auto* text = value.as_string()) return text->get();
  if (const auto* whole = value.as_integer()) return std::to_string(whole->get());
  if (const auto* number = value.as_floating_point())
    return std::isnan(number->get()) ? "nan" : round_trip(number->get());
  if (const auto* flag = value.as_boolean()) return flag->get() ? "true" : "false";
  refuse(place, name + values);
}

std::vector<ConfigEntry> from_toml(const std::string& content, const std::string& file,
                                   Options& options) {
  const auto place = [&](const toml::source_region& where) {
    return file + ": line " + std::to_string(where.begin.line);
  };
  if (const TomlProblem problem = toml_problem(content); problem.line > 0)
    refuse(
        file + ": line " + std::to_string(problem.line),
        std::string(problem.what) + ", expected TOML of numbers, strings, lists, true and false");
  std::vector<ConfigEntry> entries;
  try {
    for (const auto& [key, value] : toml::parse(content)) {
      ConfigEntry entry{std::string(key.str()), {}, place(value.source())};
      require_known(entry.name, place(key.source()), options);
      if (const toml::array* list = value.as_array())
        for (const toml::node& one : *list)
          entry.texts.push_back(text_of(one, entry.name, place(one.source())));
      else
        entry.texts.push_back(text_of(value, entry.name, entry.place));
      entries.push_back(std::move(entry));
    }
  } catch (const toml::parse_error& error) {
    refuse(place(error.source()), std::string(error.description()) + ", expected TOML");
  }
  return entries;
}

std::string text_of(const json& value, const std::string& name, const std::string& place) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number_float()) return round_trip(value.get<double>());
  if (value.is_number()) return value.dump();
  refuse(place, name + values);
}

json parse_strictly(const std::string& content, const std::string& file) {
  const StrictJson strict(
      16, [&] { refuse(file, "nested too deep, expected TOML or the summary.json of a run"); },
      [&](const std::string& key) { refuse(file, "found " + json(key).dump() + " twice"); });
  return json::parse(content, strict, false);
}

// What does not exist is null there, or an empty text, and left as it is.
std::vector<ConfigEntry> from_summary(const std::string& content, const std::string& file,
                                      const std::string& app, Options& options) {
  const json summary = parse_strictly(content, file);
  if (!summary.is_object() || !summary.contains("config") || !summary["config"].is_object())
    refuse(file, "found no 'config', expected TOML or the summary.json of a run");
  if (summary.value("app", json()) != json(app))
    refuse(file, "found a summary of " + summary.value("app", json()).dump() +
                     ", expected one of \"" + app + "\"");
  std::vector<ConfigEntry> entries;
  for (const auto& [name, value] : summary["config"].items()) {
    require_known(name, file, options);
    if (value.is_null() || value == "") continue;
    ConfigEntry entry{name, {}, file};
    if (value.is_array())
      for (const json& one : value) entry.texts.push_back(text_of(one, name, file));
    else
      entry.texts.push_back(text_of(value, name, file));
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

ConfigFile read_config(const std::filesystem::path& file, const std::string& app,
                       Options& options) {
  const std::string content = content_of(file);
  const std::size_t first = content.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && content[first] == '{')
    return {from_summary(content, file.string(), app, options), true};
  return {from_toml(content, file.string(), options), false};
}

}  // namespace hourglass
