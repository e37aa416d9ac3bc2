#include "op_checks.hpp"
#include <hourglass/core/op.hpp>
#include <hourglass/core/ops.hpp>

// Ops that only move numbers.
namespace hourglass {
namespace {

struct Transpose {
  static constexpr auto name = "transpose";
  auto operator()(auto& x) const { return transpose(x); }
  auto vjp(wrt<0>, auto& g, auto&, auto&) const { return transpose(g); }
};

struct SliceColumns {
  static constexpr auto name = "slice_columns";
  std::size_t first, count, total;
  auto operator()(auto& x) const { return slice_columns(x, first, count); }
  auto vjp(wrt<0>, auto& g, auto&, auto&) const { return pad_columns(g, first, total); }
};

struct PadColumns {
  static constexpr auto name = "pad_columns";
  std::size_t first, count, total;
  auto operator()(auto& x) const { return pad_columns(x, first, total); }
  auto vjp(wrt<0>, auto& g, auto&, auto&) const { return slice_columns(g, first, count); }
};

struct ConcatColumns {
  static constexpr auto name = "concat_columns";
  std::size_t left, right;
  auto operator()(auto& a, auto& b) const { return concat_columns(a, b); }
  auto vjp(wrt<0>, auto& g, auto&, auto&, auto&) const { return slice_columns(g, 0, left); }
  auto vjp(wrt<1>, auto& g, auto&, auto&, auto&) const { return slice_columns(g, left, right); }
};

// first + count <= total, without overflow
void require_range(const char* op, Var x, std::size_t first, std::size_t count, std::size_t total) {
  if (first > total || count > total - first)
    throw_unfit(op, x,
                "does not fit: " + std::to_string(count) + " columns from column " +
                    std::to_string(first) + " on, of " + std::to_string(total));
}

}  // namespace

Var transpose(Var x) { return apply(Transpose{}, x); }
Var slice_columns(Var x, std::size_t first, std::size_t count) {
  const std::size_t total = x.shape().columns;
  require_range("slice_columns", x, first, count, total);
  return apply(SliceColumns{first, count, total}, x);
}
Var pad_columns(Var x, std::size_t first, std::size_t total) {
  const std::size_t count = x.shape().columns;
  require_range("pad_columns", x, first, count, total);
  return apply(PadColumns{first, count, total}, x);
}
Var concat_columns(Var a, Var b) {
  if (a.shape().rows != b.shape().rows)
    throw_mismatch("concat_columns", a, b, "numbers of rows must be equal");
  return apply(ConcatColumns{a.shape().columns, b.shape().columns}, a, b);
}

}  // namespace hourglass
