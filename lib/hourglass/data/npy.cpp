#include "byte_reader.hpp"
#include <hourglass/core/file.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
#include <string_view>

namespace hourglass::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::string_view blanks = " \t\n";
constexpr std::size_t longest_header = 1 << 20;  // bytes; NumPy's own have a hundred

// The dictionary as NumPy writes it: {'key': value, ...}, a value being a string, a word, a tuple
// or a list. Values are kept as text.
class Dictionary {
 public:
  Dictionary(const fs::path& file, std::string_view text) : file_(file), rest_(text) {
    expect('{');
    for (skip_blanks(); !accept('}'); skip_blanks()) {
      const std::string key(take_value());
      expect(':');
      skip_blanks();
      if (!entries_.emplace(key, take_value()).second)
        refuse(file_, "header: " + key + " occurs twice");
      skip_blanks();
      if (!accept(',') && !rest_.starts_with('}')) unexpected("',' or '}'");
    }
    skip_blanks();
    if (!rest_.empty()) unexpected("nothing");
    if (entries_.size() > 3) refuse(file_, "header: found more than descr, fortran_order, shape");
  }

  std::string_view operator[](const std::string& key) const {
    const auto found = entries_.find("'" + key + "'");
    if (found == entries_.end()) refuse(file_, "header: has no '" + key + "'");
    return found->second;
  }

 private:
  [[noreturn]] void unexpected(const std::string& expected) const {
    refuse(file_, "header: found " + (rest_.empty() ? "its end" : in_quotes(rest_)) +
                      ", expected " + expected);
  }
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
  }
  bool accept(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    skip_blanks();
    if (!accept(c)) unexpected(std::string("'") + c + "'");
  }
  std::string_view take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  // Up to the end of a string, a bracket or a word.
  std::string_view take_value() {
    if (rest_.empty()) unexpected("a value");
    const char first = rest_[0];
    const char last = first == '(' ? ')' : first == '[' ? ']' : first;
    if (first != '\'' && first != '(' && first != '[') {
      const std::size_t end = rest_.find_first_of(" \t\n,:}");
      if (end == 0 || end == rest_.npos) unexpected("a value");
      return take(end);
    }
    const std::size_t end = rest_.find(last, 1);
    if (end == rest_.npos) unexpected(std::string("a value that ends with ") + last);
    return take(end + 1);
  }

  fs::path file_;
  std::string_view rest_;
  std::map<std::string, std::string_view> entries_;
};

// What a dtype that is not read is called.
std::string kind_of(std::string_view descr) {
  if (descr.starts_with("[")) return "records";
  if (descr.size() < 4) return "";
  if (descr == "'<f2'") return "half-precision numbers";
  if (descr == "'<f16'") return "long doubles";
  if (descr[1] == '>') return "big-endian numbers";
  constexpr std::pair<char, const char*> kinds[] = {
      {'O', "Python objects"}, {'i', "whole numbers"},   {'u', "whole numbers"},
      {'b', "booleans"},       {'c', "complex numbers"}, {'U', "text"},
      {'S', "text"},           {'M', "dates"},           {'m', "durations"}};
  for (const auto& [letter, name] : kinds)
    if (descr[2] == letter) return name;
  return "";
}

std::size_t item_size(const fs::path& file, std::string_view descr) {
  if (descr == "'|u1'" || descr == "'<u1'" || descr == "'>u1'") return 1;  // a byte has no order
  if (descr == "'<f4'") return 4;
  if (descr == "'<f8'") return 8;
  const std::string kind = kind_of(descr);
  refuse(file, "descr: found " + in_quotes(descr) + ", expected '<f4', '<f8' or '|u1'" +
                   (kind.empty() ? "" : " (" + kind + " are not read; save with .astype('<f8'))"));
}

// "(3, 4)", "(3,)", "(3L,)"
std::vector<std::uint64_t> shape(const fs::path& file, std::string_view text) {
  const auto fail = [&] {
    refuse(file, "shape: found " + in_quotes(text) + ", expected sizes like (3, 4)");
  };
  if (!text.starts_with('(') || !text.ends_with(')')) fail();
  std::string_view rest = text.substr(1, text.size() - 2);
  std::vector<std::uint64_t> sizes;
  const auto skip_blanks = [&] {
    rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  };
  for (skip_blanks(); !rest.empty(); skip_blanks()) {
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), sizes.emplace_back());
    if (error != std::errc{}) fail();
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (rest.starts_with('L')) rest.remove_prefix(1);  // as Python 2 writes them
    skip_blanks();
    if (rest.empty()) break;
    if (rest[0] != ',') fail();
    rest.remove_prefix(1);
  }
  if (sizes.empty()) refuse(file, "shape: found no dimension, expected at least one");
  return sizes;
}

struct NpyHeader {
  std::size_t item_size = 0;         // 1: '|u1', 4: '<f4', 8: '<f8'
  std::vector<std::uint64_t> shape;  // at least one dimension
};

NpyHeader parse_header(const fs::path& file, const std::string& text) {
  const Dictionary entries(file, text);
  const std::string_view order = entries["fortran_order"];
  NpyHeader header{item_size(file, entries["descr"]), shape(file, entries["shape"])};
  if (order == "True")
    refuse(file, "fortran_order: found True, expected False (save with numpy.ascontiguousarray)");
  if (order != "False")
    refuse(file, "fortran_order: found " + in_quotes(order) + ", expected False");
  return header;
}

// Where each row is `features` numbers of type T.
template <class T>
void convert(const fs::path& file, const Bytes& bytes, Array& x) {
  const std::size_t features = shape_of(x).columns;
  for (std::size_t k = 0; k < x.size(); ++k) {
    T value;
    std::memcpy(&value, bytes.data() + k * sizeof(T), sizeof(T));
    x.data()[k] = static_cast<Real>(value);
    if (std::isfinite(x.data()[k])) continue;
    refuse(file, "row " + std::to_string(k / features + 1) + ", column " +
                     std::to_string(k % features + 1) + ": found " + shown(value) + ", expected " +
                     (std::isfinite(value) ? number_within_range() : "a finite number"));
  }
}

NpyHeader read_header(const fs::path& file, ByteReader& reader) {
  const auto text = [](const Bytes& bytes) { return std::string(bytes.begin(), bytes.end()); };
  const std::string start = text(reader.read_field(8, "magic string and version"));
  if (!start.starts_with(magic))
    refuse(file, "magic string: found " + in_quotes(start.substr(0, magic.size())) +
                     ", expected \"\\x93NUMPY\" (is this an NPY file?)");
  const int version = static_cast<unsigned char>(start[6]);
  if (version < 1 || version > 3)
    refuse(file, "version: found " + std::to_string(version) + ", expected 1, 2 or 3");
  const Bytes digits = reader.read_field(version == 1 ? 2 : 4, "header length");
  std::size_t length = 0;
  for (std::size_t k = digits.size(); k-- > 0;) length = length << 8 | digits[k];
  if (length > longest_header)
    refuse(file, "header length: found " + std::to_string(length) + ", expected at most " +
                     std::to_string(longest_header));
  return parse_header(file, text(reader.read_field(length, "header")));
}

}  // namespace

FileValues read_npy(const fs::path& file, std::size_t samples) {
  ByteReader reader(file, "an NPY file");
  const NpyHeader header = read_header(file, reader);
  const std::uint64_t features = check_dimensions(file, header.shape);
  const std::uint64_t rows = rows_to_keep(file, header.shape.front(), samples);
  const std::uint64_t row_bytes = features * header.item_size;
  const Bytes bytes = reader.read_values(header.shape.front() * row_bytes, rows * row_bytes);
  if (header.item_size == 1) return scaled_bytes(bytes, rows);
  FileValues result{empty({rows, features}), checksum(bytes.data(), bytes.size())};
  if (header.item_size == 4)
    convert<float>(file, bytes, result.x);
  else
    convert<double>(file, bytes, result.x);
  return result;
}

void write_npy(const fs::path& file, const Array& x) {
  const Shape shape = shape_of(x);
  std::string header = std::string("{'descr': '<f") + (sizeof(Real) == 4 ? '4' : '8') +
                       "', 'fortran_order': False, 'shape': (" + std::to_string(shape.rows) + ", " +
                       std::to_string(shape.columns) + "), }";
  const std::size_t before = magic.size() + 4;
  header.append(63 - (before + header.size()) % 64, ' ');  // the numbers begin at a multiple of 64
  header += '\n';
  std::string content(magic);
  content += {1, 0, static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  content += header;
  content.append(reinterpret_cast<const char*>(x.data()), x.size() * sizeof(Real));
  write_file(file, content);
}

}  // namespace hourglass::data
