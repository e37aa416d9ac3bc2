// Compiled once for each instruction set, with HOURGLASS_SIMD naming it: no standard or xtensor
// template may be used here (core/simd.hpp says why).

#include "fill.hpp"
#include "philox.hpp"
#include "transform.hpp"

namespace hourglass::random {
namespace {

using namespace simd;

// A group is the numbers of `lanes` blocks, in order.
struct Group {
  Reals low, high;
};
constexpr std::size_t group_size = lanes * per_block;

// As many groups at once as the registers hold.
constexpr int side_by_side = bytes == 64 ? 4 : 2;

// interleave() puts the even lanes into `low`: so the first half of the blocks goes there.
constexpr std::size_t lane_of(std::size_t block) {
  return block < lanes / 2 ? 2 * block : 2 * (block - lanes / 2) + 1;
}

// A float is made from one word, a double from two. Two neighbouring columns are a pair, and
// interleaving the first with the second of each pair restores the order of the columns.
template <class Transform>
HOURGLASS_INLINE Group numbers(const Blocks& x) {
#if HOURGLASS_SINGLE
  const Pair pair = Transform::pair(join_halves(x.a, x.c), join_halves(x.b, x.d));
#else
  const Pair pair = Transform::pair(join_halves(x.a, x.b), join_halves(x.c, x.d));
#endif
  Group group;
  interleave(pair.first, pair.second, group.low, group.high);
  return group;
}

struct Uniforms {
  static Pair pair(Bits a, Bits b) { return {uniform(a), uniform(b)}; }
};
struct Normals {
  static Pair pair(Bits a, Bits b) { return box_muller(a, b); }
};

// Where numbers go: stored, or scaled and added. The product is rounded before the sum, so that
// add_normals equals, bit for bit, the two steps it replaces.
struct Store {
  explicit Store(const Fill&) {}
  void vector(Reals n, const Fill& f, std::size_t at) const { store(n, f.out + at); }
  void one(Real n, const Fill& f, std::size_t at) const { f.out[at] = n; }
};
struct Add {
  Reals deviation;
  explicit Add(const Fill& f) : deviation(all(f.deviation)) {}
  void vector(Reals n, const Fill& f, std::size_t at) const {
    store(load(f.x + at) + deviation * n, f.out + at);
  }
  void one(Real n, const Fill& f, std::size_t at) const { f.out[at] = f.x[at] + f.deviation * n; }
};

// What all parts of one fill share.
template <class Transform, class Target>
struct Context {
  const Fill& f;
  const Target target;

  explicit Context(const Fill& fill) : f(fill), target(fill) {}

  // The counters of consecutive blocks of one row.
  Blocks row_blocks(std::uint64_t row, std::uint64_t block) const {
    Wide offsets{};
    for (std::size_t i = 0; i < lanes; ++i) offsets[lane_of(i)] = i;
    return {all_wide(block) + offsets, all_wide(row), all_wide(f.words[0]), all_wide(f.words[1])};
  }

  void write(const Blocks& x, std::size_t at) const {
    const Group group = numbers<Transform>(x);
    target.vector(group.low, f, at);
    target.vector(group.high, f, at + reals);
  }

  void keep(const Blocks& x, Real* to) const {
    const Group group = numbers<Transform>(x);
    store(group.low, to);
    store(group.high, to + reals);
  }

  void copy(const Real* from, std::size_t at, std::size_t count) const {
    for (std::size_t j = 0; j < count; ++j) target.one(from[j], f, at + j);
  }
};

// Collects the blocks at the ends of rows, of many rows together, so that narrow matrices fill
// vectors too.
template <class Transform, class Target>
class RowEnds {
 public:
  explicit RowEnds(const Context<Transform, Target>& context) : context_(context) {}
  ~RowEnds() { flush(); }

  void add(std::uint64_t row, std::uint64_t block, std::size_t at, std::size_t count) {
    const std::size_t slot = size_ / lanes * lanes + lane_of(size_ % lanes);
    rows_[slot] = row;
    blocks_[slot] = block;
    at_[size_] = at;
    counts_[size_] = count;
    if (++size_ == capacity) flush();
  }

 private:
  void flush() {
    if (size_ > lanes)
      compute<side_by_side>();
    else if (size_ > 0)
      compute<1>();
    size_ = 0;
  }

  template <int count>
  void compute() const {
    Blocks x[count];
    HOURGLASS_UNROLL for (int i = 0; i < count; ++i) {
      x[i].c = all_wide(context_.f.words[0]), x[i].d = all_wide(context_.f.words[1]);
      __builtin_memcpy(&x[i].a, blocks_ + i * lanes, bytes);
      __builtin_memcpy(&x[i].b, rows_ + i * lanes, bytes);
    }
    philox(x, context_.f.key);
    Real numbers[count * group_size];
    HOURGLASS_UNROLL for (int i = 0; i < count; ++i) context_.keep(x[i], numbers + i * group_size);
    for (std::size_t i = 0; i < size_; ++i)
      context_.copy(numbers + i * per_block, at_[i], counts_[i]);
  }

  static constexpr std::size_t capacity = side_by_side * lanes;
  const Context<Transform, Target>& context_;
  std::uint64_t rows_[capacity] = {}, blocks_[capacity] = {};
  std::size_t at_[capacity], counts_[capacity], size_ = 0;
};

// A position in a row.
struct Place {
  std::uint64_t row, block;
  std::size_t at, end;
};

// As many groups as fit, `count` at a time.
template <int count, class Transform, class Target>
HOURGLASS_INLINE void whole_groups(const Context<Transform, Target>& context, Place& p) {
  for (; p.at + count * group_size <= p.end; p.at += count * group_size, p.block += count * lanes) {
    Blocks x[count];
    HOURGLASS_UNROLL for (int i = 0; i < count; ++i) {
      x[i] = context.row_blocks(p.row, p.block + i * lanes);
    }
    philox(x, context.f.key);
    HOURGLASS_UNROLL for (int i = 0; i < count; ++i) context.write(x[i], p.at + i * group_size);
  }
}

// The end of the only row: less work to begin than RowEnds.
template <class Transform, class Target>
HOURGLASS_INLINE void last_group(const Context<Transform, Target>& context, const Place& p) {
  Blocks x[1] = {context.row_blocks(p.row, p.block)};
  philox(x, context.f.key);
  Real numbers[group_size];
  context.keep(x[0], numbers);
  context.copy(numbers, p.at, p.end - p.at);
}

template <class Transform, class Target>
void fill(const Fill& f) {
  const Context<Transform, Target> context(f);
  RowEnds<Transform, Target> ends(context);
  for (std::size_t r = 0; r < f.rows; ++r) {
    Place p{f.first_row + r, f.first_block, r * f.columns, (r + 1) * f.columns};
    whole_groups<side_by_side>(context, p);
    whole_groups<2>(context, p);
    whole_groups<1>(context, p);
    if (p.at < p.end && f.rows == 1) return last_group(context, p);
    for (; p.at < p.end; p.at += per_block, ++p.block)
      ends.add(p.row, p.block, p.at, p.end - p.at < per_block ? p.end - p.at : per_block);
  }
}

}  // namespace

const FillKernels FillKernels::HOURGLASS_SIMD = {fill<Uniforms, Store>, fill<Normals, Store>,
                                                 fill<Normals, Add>};

}  // namespace hourglass::random
