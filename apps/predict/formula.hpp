#pragma once

#include <hourglass/core/array.hpp>
#include <hourglass/theory/work.hpp>

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// A formula of the calculator: a function of the theory, with a name and a meaning for each of its
// arguments and results. Their types, and so the check of a case and `--list`, are the function's.
// A new one takes its function in theory, a row in one of the tables, and a case in tests/golden.
namespace hourglass::predict {

using List = std::vector<double>;
using Counts = std::vector<std::size_t>;
using Matrices = std::vector<Array64>;
using Numbers = std::map<std::string, double>;

// An input or output on its way from or to JSON, which only evaluate.cpp knows.
using Value = std::variant<std::monostate, double, std::size_t, bool, std::string, List, Counts,
                           Array64, Matrices, Numbers>;
std::string describe(const Value& type);  // "a number", "a list of numbers", ...
std::string shown(const Value& value);    // as JSON, short enough for a line

struct Field {
  const char* name;
  Value type;                // any value of its type
  std::string meaning;       // one line, with its unit
  bool conditional = false;  // needed (or, of an output, there) only for some values of the inputs
  bool optional = false;     // may always be left out; the meaning says what that is
};

struct Formula {
  const char* id;      // "linear.balanced"
  const char* source;  // file in docs/theory and section, and the paper where there is one
  std::vector<Field> inputs, outputs;
  std::function<std::vector<Value>(const std::vector<Value>& inputs)> outputs_of;
};

// Those of each part of docs/theory; all of them, in the order of `predict --list`.
extern const std::vector<Formula> linear_networks, linear_modes, deep_linear, landscape, denoising,
    shallow, generative;
const std::vector<Formula>& formulas();
const Formula* find_formula(const std::string& id);  // nullptr if there is none

// Throw InputError: "input '<name>' is <found>; expected <expected>".
[[noreturn]] void reject(const char* name, const std::string& found, const std::string& expected);
[[noreturn]] void reject_missing(const Field& field);

// An output that is sometimes a number instead: NaN if it does not exist.
template <class T>
using OrNumber = std::variant<T, double>;

// Each of the following is one argument of a formula's function. `read` takes what it needs from
// the values at `at` and moves on.

template <class T>
struct Input {
  const char *name, *meaning;

  using Argument = const T&;
  const T& read(const Value*& at) const { return std::get<T>(*at++); }
  void describe(std::vector<Field>& fields) const { fields.push_back({name, T(), meaning}); }
};
using Number = Input<double>;
using Count = Input<std::size_t>;
using Flag = Input<bool>;
using Text = Input<std::string>;
using Matrix = Input<Array64>;

// What an optional input is: *given throws InputError where it is needed and was left out.
template <class T>
struct Given {
  const T* value;
  Field field;

  explicit operator bool() const { return value; }
  const T& operator*() const {
    if (!value) reject_missing(field);
    return *value;
  }
  T value_or(const T& otherwise) const { return value ? *value : otherwise; }
};

template <class T>
struct Optional {
  const char *name, *meaning;
  bool conditional = false;

  using Argument = Given<T>;
  Given<T> read(const Value*& at) const { return {std::get_if<T>(at++), field()}; }
  void describe(std::vector<Field>& fields) const { fields.push_back(field()); }
  Field field() const { return {name, T(), meaning, conditional, !conditional}; }
};

// A text that names one of N values.
template <class T, std::size_t N>
struct Choice {
  const char* name;
  std::pair<const char*, T> values[N];
  const char* more = "";  // said after the names

  using Argument = T;
  T read(const Value*& at) const {
    const auto& text = std::get<std::string>(*at++);
    for (const auto& [known, value] : values)
      if (text == known) return value;
    reject(name, shown(text), names());
  }
  void describe(std::vector<Field>& fields) const {
    fields.push_back({name, std::string(), names() + more});
  }
  std::string names() const {  // "linear, erf or relu"
    std::string all;
    for (std::size_t i = 0; i < N; ++i)
      all += (i == 0 ? "" : i + 1 < N ? ", " : " or ") + std::string(values[i].first);
    return all;
  }
};

// A struct whose members are inputs; an optional one that is left out keeps its default.
template <class S, class M, class In>
struct Member {
  M S::*member;
  In input;

  void fill(S& whole, const Value*& at) const { set(whole.*member, input.read(at)); }
  static void set(M& to, const auto& from) { to = from; }
  static void set(M& to, const Given<M>& from) { to = from.value_or(to); }
};
template <class S, class M, class In>
Member(M S::*, In) -> Member<S, M, In>;

template <class S, class... Members>
struct Filled {
  std::tuple<Members...> members;

  using Argument = S;
  S read(const Value*& at) const {
    S whole{};
    std::apply([&](const auto&... each) { (each.fill(whole, at), ...); }, members);
    return whole;
  }
  void describe(std::vector<Field>& fields) const {
    std::apply([&](const auto&... each) { (each.input.describe(fields), ...); }, members);
  }
};
template <class S, class... M, class... In>
constexpr Filled<S, Member<S, M, In>...> filled(Member<S, M, In>... members) {
  return {{members...}};
}

constexpr auto in(auto... each) { return std::tuple{each...}; }

struct Output {
  const char *name, *meaning;
  bool conditional = false;  // may be null, and the meaning says when; others are finite
};
inline constexpr bool conditional = true;

namespace detail {

// N outputs are the elements of a tuple or the members of a struct, in their order.
template <std::size_t N>
auto parts(const auto& result) {
  if constexpr (N == 1) {
    return std::tuple(result);
  } else if constexpr (requires { std::get<N - 1>(result); }) {
    return result;
  } else if constexpr (N == 2) {
    const auto& [a, b] = result;
    return std::tuple(a, b);
  } else if constexpr (N == 3) {
    const auto& [a, b, c] = result;
    return std::tuple(a, b, c);
  } else if constexpr (N == 4) {
    const auto& [a, b, c, d] = result;
    return std::tuple(a, b, c, d);
  } else {
    const auto& [a, b, c, d, e] = result;
    return std::tuple(a, b, c, d, e);
  }
}

template <class T>
Value value_of(const T& x) {
  return Value(std::in_place_type<T>, x);
}
template <class T>
Value value_of(const OrNumber<T>& x) {
  return std::visit([](const auto& y) { return value_of(y); }, x);
}

template <class... T>
std::vector<Value> values(const std::tuple<T...>& parts) {
  return std::apply([](const T&... each) { return std::vector<Value>{value_of(each)...}; }, parts);
}

}  // namespace detail

template <class... In, std::size_t N, class F>
Formula formula(const char* id, const char* source, const std::tuple<In...>& in,
                const Output (&out)[N], F function) {
  const auto results_of = [in, function](const std::vector<Value>& given) {
    const Value* at = given.data();
    const auto read = [&](const In&... each) {
      return std::tuple<typename In::Argument...>{each.read(at)...};  // from left to right
    };
    const auto arguments = std::apply(read, in);
    return detail::parts<N>(std::apply(function, arguments));
  };
  const auto outputs_of = [results_of](const std::vector<Value>& given) {
    return detail::values(results_of(given));
  };
  using Results = decltype(results_of({}));
  static_assert(std::tuple_size_v<Results> == N);
  Formula result{id, source, {}, {}, outputs_of};
  std::apply([&](const In&... each) { (each.describe(result.inputs), ...); }, in);
  const std::vector<Value> types = detail::values(Results());
  for (std::size_t i = 0; i < N; ++i)
    result.outputs.push_back({out[i].name, types[i], out[i].meaning, out[i].conditional});
  return result;
}

// f, a function or a member, of every element.
List mapped(const auto& values, auto f) {
  theory::spend(200 * static_cast<double>(values.size()), "length of a list", values.size());
  List result;
  for (const auto& x : values) result.push_back(std::invoke(f, x));
  return result;
}
Array64 stacked(const std::vector<List>& rows);  // of equal length

}  // namespace hourglass::predict
