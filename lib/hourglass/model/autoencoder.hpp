#pragma once

#include <hourglass/model/layers.hpp>
#include <hourglass/model/penalties.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace HOURGLASS_API hourglass {

// From the input to the code, and back.
using Encoder = Sequence;
using Decoder = Sequence;

// loss = error(decode(encode(corrupt(x))), x) + penalties. Noise layers inside encoder and decoder
// act in the loss and nowhere else. Moved, never copied: layers share parameters.
class Autoencoder {
 public:
  // The decoder takes what the encoder returns.
  Autoencoder(Encoder encoder, Decoder decoder);
  Autoencoder(Autoencoder&&) = default;
  Autoencoder& operator=(Autoencoder&&) = default;

  Noise corrupt;                                                // of the input; empty: none
  std::vector<Penalty> penalties;                               // each adds itself to the loss
  std::function<Var(Var y, Var x)> error = half_squared_error;  // 1x1

  // Without noise.
  Var code(Var x) const { return encoder_(x); }
  Var decode(Var code) const { return decoder_(code); }
  Var reconstruct(Var x) const { return decoder_(encoder_(x)); }
  // The two parts as they are, with their noise layers.
  const Encoder& encoder() const { return encoder_; }
  const Decoder& decoder() const { return decoder_; }

  // 1x1; x: rows of the data, the first of which is row `first_row` of the data set. The noise is
  // that of the tape's step. The tape borrows x, which must outlive the step.
  Var loss(Tape& tape, const View& x, std::size_t first_row = 0) const;
  Var loss(Tape& tape, const Array& x) const { return loss(tape, borrow(x)); }
  Var loss(Tape& tape, Array&& x) const = delete;

  // Each parameter once, encoder first.
  Parameters parameters() const { return parameters_; }
  // Throws LookupError naming those there are.
  Parameter& parameter(const std::string& name) const { return parameter_named(parameters_, name); }

 private:
  Encoder encoder_;
  Decoder decoder_;
  std::vector<Parameter*> parameters_;
};

// What layers an autoencoder is made of.
struct AutoencoderOptions {
  Activation activation = Activation::linear;  // of every hidden layer
  bool tied = false;                           // decoder layers are the encoder's, transposed
  bool biases = false;                         // in every layer
  std::optional<Activation> code = {};         // of the code, if not `activation`
  Activation output = Activation::linear;      // of the reconstruction
  bool scaled = false;     // pre-activations of encoder layers are divided by sqrt(inputs)
  bool unit_norm = false;  // weights to and from a hidden unit are used with norm 1
  // What makes the noise of hidden layers (but the code's) and of the code; empty: none. Hidden
  // layer k = 1, 2, ..., counted from the input, gets `stream` with id stream.id + k.
  std::function<Noise(Stream)> hidden_noise = {}, code_noise = {};
  Stream stream = {};
};

// `sizes` of the input, the hidden layers and the code: {784, 256, 64} makes 784-256-64-256-784.
// Parameters, zero until initialised: encoder.W (hidden x inputs), decoder.W (inputs x hidden,
// unless tied), and encoder.b, decoder.b if asked for; with more than one hidden layer encoder.1.W,
// encoder.2.W, ..., decoder.2.W, decoder.1.W, where decoder.k undoes encoder.k. Throws
// ArgumentError if a size is 0 or there are fewer than two.
Autoencoder deep_autoencoder(const std::vector<std::size_t>& sizes,
                             const AutoencoderOptions& options = {});

// With one hidden layer, the code; linear_autoencoder: without biases.
inline Autoencoder shallow_autoencoder(std::size_t inputs, std::size_t hidden,
                                       const AutoencoderOptions& options = {}) {
  return deep_autoencoder({inputs, hidden}, options);
}
inline Autoencoder linear_autoencoder(std::size_t inputs, std::size_t hidden) {
  return shallow_autoencoder(inputs, hidden);
}

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
  // Each around the next.
  struct Level {
    Encoder encoder;
    Decoder decoder;
  };
  // From the outermost to the innermost. Throws ArgumentError without any.
  explicit Stack(std::vector<Level> levels);

  std::size_t size() const { return levels_.size(); }  // levels
  // One level alone, from 0; throws LookupError.
  Autoencoder level(std::size_t k) const;
  Autoencoder whole() const;  // all levels around one another
  // What level k (up to size(): the whole's code) sees of the rows of x, without noise.
  Array inputs(std::size_t k, const View& x) const;

 private:
  std::vector<Level> levels_;
};

// The layers of deep_autoencoder, one level for each hidden layer of the encoder.
Stack deep_stack(const std::vector<std::size_t>& sizes, const AutoencoderOptions& options = {});

}  // namespace hourglass
