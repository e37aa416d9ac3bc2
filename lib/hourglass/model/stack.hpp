#pragma once

#include <hourglass/model/autoencoder.hpp>

#include <cstddef>
#include <vector>

namespace hourglass {

// Autoencoders around one another, trained one after the other, each on the codes of the one
// before, and then together (Vincent et al., "Stacked denoising autoencoders", JMLR 11, 2010):
//
//   Stack stack = deep_stack({784, 256, 64}, {.activation = Activation::tanh});
//   for (std::size_t k = 0; k < stack.size(); ++k) {
//     const Array inputs = stack.inputs(k, borrow(x));
//     Autoencoder level = stack.level(k);  // with a corruption and penalties of its own
//     ... train level on inputs ...
//   }
//   Autoencoder model = stack.whole();  // starts where the levels ended
//
// Levels and whole share their parameters with the stack.
class Stack {
 public:
  struct Level {
    Encoder encoder;
    Decoder decoder;
  };
  // From the outermost to the innermost. Throws ArgumentError without any.
  explicit Stack(std::vector<Level> levels);

  std::size_t size() const { return levels_.size(); }
  // One level alone, from 0; throws LookupError.
  Autoencoder level(std::size_t k) const;
  Autoencoder whole() const;
  // What level k (up to size(): the whole's code) sees of the rows of x, without noise.
  Array inputs(std::size_t k, const View& x) const;

 private:
  std::vector<Level> levels_;
};

// The layers of deep_autoencoder, one level for each hidden layer of the encoder.
Stack deep_stack(const std::vector<std::size_t>& sizes, const AutoencoderOptions& options = {});

}  // namespace hourglass
