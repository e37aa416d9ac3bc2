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

// The columns first, ..., first + count - 1 are some of `total`.
void require_range(const char* op, Var x, std::size_t first, std::size_t count, std::size_t total) {
  if (first > total || count > total - first)  // without overflow
    throw_unfit(op, x,
                "does not fit: " + std::to_string(count) + " columns from column " +
                    std::to_string(first) + " on, of " + std::to_string(total));
}

struct SliceColumns {
  static constexpr auto name = "slice_columns";
  std::size_t first, count;
  void check(Var x) const { require_range(name, x, first, count, x.shape().columns); }
  auto operator()(auto& x) const { return slice_columns(x, first, count); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const {
    return pad_columns(g, first, x.shape().columns);
  }
};

struct PadColumns {
  static constexpr auto name = "pad_columns";
  std::size_t first, total;
  void check(Var x) const { require_range(name, x, first, x.shape().columns, total); }
  auto operator()(auto& x) const { return pad_columns(x, first, total); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const {
    return slice_columns(g, first, x.shape().columns);
  }
};

struct ConcatColumns {
  static constexpr auto name = "concat_columns";
  void check(Var a, Var b) const { require_equal_rows(name, a, b); }
  auto operator()(auto& a, auto& b) const { return concat_columns(a, b); }
  auto vjp(wrt<0>, auto& g, auto& a, auto&, auto&) const {
    return slice_columns(g, 0, a.shape().columns);
  }
  auto vjp(wrt<1>, auto& g, auto& a, auto& b, auto&) const {
    return slice_columns(g, a.shape().columns, b.shape().columns);
  }
};

}  // namespace

Var transpose(Var x) { return apply(Transpose{}, x); }
Var slice_columns(Var x, std::size_t first, std::size_t count) {
  return apply(SliceColumns{first, count}, x);
}
Var pad_columns(Var x, std::size_t first, std::size_t total) {
  return apply(PadColumns{first, total}, x);
}
Var concat_columns(Var a, Var b) { return apply(ConcatColumns{}, a, b); }

}  // namespace hourglass
