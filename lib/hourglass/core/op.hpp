#pragma once

#include <hourglass/core/deferred.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/tape.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

// What the author of an op includes. An op is a small plain struct:
//
//   struct Swish {
//     static constexpr auto name = "swish";
//     double beta;
//     auto operator()(auto& x) const { return x * sigmoid(beta * x); }
//     auto vjp(wrt<0>, auto& g, auto& x, auto& y) const {
//       auto s = sigmoid(beta * x);
//       return g * (s + beta * y * (1 - s));
//     }
//   };
//   Var swish(Var x, double beta) { return apply(Swish{beta}, x); }
//
// operator() and vjp see views of arrays and return one expression (core/expression.hpp), a
// deferred result (core/deferred.hpp) or an Array, which is assigned or added straight into the
// tape's buffers. Called with Vars, the same vjp body records, which gives gradients of gradients.
// `g` is the cotangent that comes in, `y` the op's own output. An input without a vjp passes no
// gradient. A rule that only works on arrays takes `const View&` instead of `auto&`; it then has no
// second order. `void check(Var x...) const`, where an op has it, is called before the value is
// computed and throws ArgumentError for shapes that do not fit.
namespace HOURGLASS_API hourglass {

// Names the input that a vjp is for.
template <std::size_t I>
struct wrt {};

namespace detail {

template <std::size_t>
using as_view = const View&;
template <std::size_t>
using as_var = const Var&;

template <class Op, std::size_t I, class Indices>
inline constexpr bool has_vjp = false;
template <class Op, std::size_t I, std::size_t... J>
inline constexpr bool has_vjp<Op, I, std::index_sequence<J...>> =
    requires(const Op& op, const View& g, as_view<J>... x, const View& y) {
  op.vjp(wrt<I>{}, g, x..., y);
};
template <class Op, std::size_t I, class Indices>
inline constexpr bool has_recorded_vjp = false;
template <class Op, std::size_t I, std::size_t... J>
inline constexpr bool has_recorded_vjp<Op, I, std::index_sequence<J...>> =
    requires(const Op& op, const Var& g, as_var<J>... x, const Var& y) {
  { op.vjp(wrt<I>{}, g, x..., y) } -> std::convertible_to<Var>;
};

[[noreturn]] void throw_wrong_cotangent(const char* op, std::size_t input, Shape found,
                                        Shape expected);

template <class Op>
const Op& op_of(const Node& node) {
  return *std::launder(reinterpret_cast<const Op*>(node.op));
}

// One input's cotangent, as numbers and as nodes.
template <class Op, std::size_t I, std::size_t... J>
void pull_input(Tape& tape, const Node& node, Array& out, bool add, std::index_sequence<J...>) {
  if constexpr (has_vjp<Op, I, std::index_sequence<J...>>) {
    const View g = borrow(*node.gradient);
    const auto cotangent =
        op_of<Op>(node).vjp(wrt<I>{}, g, tape.node(node.inputs[J]).value..., node.value);
    static_assert(Addable<decltype(cotangent)>,
                  "a vjp returns an expression, a deferred result that can be added, or an Array");
    const Shape expected = tape.node(node.inputs[I]).value.shape();
    if (shape_of(cotangent) != expected)
      throw_wrong_cotangent(Op::name, I, shape_of(cotangent), expected);
    if (add)
      add_to(cotangent, out);
    else
      evaluate(cotangent, out);
    if constexpr (!Elementwise<decltype(cotangent)>) require_kept(out, expected);
  }
}
template <class Op, std::size_t I, std::size_t... J>
Var record_input(Tape& tape, std::uint32_t id, Var g, std::index_sequence<J...>) {
  if constexpr (has_recorded_vjp<Op, I, std::index_sequence<J...>>) {
    const Op op = op_of<Op>(tape.node(id));
    const std::array<Var, sizeof...(J)> x{tape.var(tape.node(id).inputs[J])...};
    const Var y = tape.var(id);
    return op.vjp(wrt<I>{}, std::as_const(g), x[J]..., y);
  } else {
    throw UsageError(std::string(Op::name) + ": no recorded rule for input " + std::to_string(I) +
                     ", so its gradient cannot be differentiated");
  }
}

template <class Op, std::size_t Count>
struct RulesOf {
  using Indices = std::make_index_sequence<Count>;

  static void pull(Tape& tape, std::uint32_t id, std::size_t input, Array& out, bool add) {
    const Node& node = tape.node(id);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((I == input ? pull_input<Op, I>(tape, node, out, add, Indices{}) : void()), ...);
    }
    (Indices{});
  }
  static Var record(Tape& tape, std::uint32_t id, std::size_t input, Var g) {
    Var result;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((I == input ? void(result = record_input<Op, I>(tape, id, g, Indices{})) : void()), ...);
    }
    (Indices{});
    return result;
  }
  static constexpr OpRules make() {
    OpRules result{Op::name, {}, pull, record};
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      static_assert((has_vjp<Op, I, Indices> || ...),
                    "no vjp(wrt<I>, g, x..., y) fits this op: one x for each input, then y");
      ((result.differentiable[I] = has_vjp<Op, I, Indices>), ...);
    }
    (Indices{});
    return result;
  }
  static constexpr OpRules rules = make();
};

}  // namespace detail

// Computes an op's value at once and records it. Throws UsageError for a Var that is empty, stale
// or of another tape and for an op that records while it computes, and what the op throws.
template <class Op, std::same_as<Var>... V>
Var apply(const Op& op, V... x) {
  static_assert(std::is_trivially_copyable_v<Op> && sizeof(Op) <= Node::op_size,
                "an op is a small plain struct; let it point to larger things");
  static_assert(sizeof...(V) >= 1 && sizeof...(V) <= max_inputs);
  const std::array<Var, sizeof...(V)> inputs{x...};
  Tape& tape = tape_of(inputs[0]);
  for (const Var& input : inputs) tape.readable(input);
  Tape::Slot slot(tape, Op::name);
  if constexpr (requires { op.check(x...); }) op.check(x...);
  std::construct_at(reinterpret_cast<Op*>(slot.node.op), op);
  evaluate(op(std::as_const(tape.node(x.id).value)...), slot.node.buffer);
  return tape.commit(detail::RulesOf<Op, sizeof...(V)>::rules, inputs);
}

}  // namespace hourglass
