#pragma once

#include <hourglass/model/layers.hpp>
#include <hourglass/model/noise.hpp>
#include <hourglass/model/penalties.hpp>

#include <functional>
#include <string>
#include <vector>

namespace hourglass {

// Layers, one after the other.
class Sequence {
 public:
  Sequence(std::vector<Layer> layers) : layers_(std::move(layers)) {}
  Var operator()(Var x) const;
  const std::vector<Layer>& layers() const { return layers_; }

 private:
  std::vector<Layer> layers_;
};
using Encoder = Sequence;
using Decoder = Sequence;

// loss = error(decode(encode(corrupt(x))), x) + penalties. Encoder and decoder know nothing of
// noise and penalties. Moved, never copied: layers share parameters.
class Autoencoder {
 public:
  Autoencoder(Encoder encoder, Decoder decoder);
  Autoencoder(Autoencoder&&) = default;
  Autoencoder& operator=(Autoencoder&&) = default;

  std::function<Var(Var x, Position)> corrupt;  // empty: no noise
  std::vector<Penalty> penalties;
  std::function<Var(Var y, Var x)> error = half_squared_error;

  Var code(Var x) const { return encoder_(x); }
  Var decode(Var code) const { return decoder_(code); }
  // without noise
  Var reconstruct(Var x) const { return decoder_(encoder_(x)); }

  // 1x1; x: rows of the data, the first of which is row `first_row` of the data set. The noise is
  // that of the tape's step. The tape borrows x, which must outlive the step.
  Var loss(Tape& tape, const View& x, std::size_t first_row = 0) const;
  Var loss(Tape& tape, const Array& x) const { return loss(tape, borrow(x)); }
  Var loss(Tape& tape, Array&& x) const = delete;

  // Each parameter once, encoder first.
  Parameters parameters() const { return parameters_; }
  // Throws std::out_of_range naming those there are.
  Parameter& parameter(const std::string& name) const;

 private:
  Encoder encoder_;
  Decoder decoder_;
  std::vector<Parameter*> parameters_;
};

struct ShallowOptions {
  Activation activation = Activation::linear;
  bool tied = false;  // the decoder is the encoder's transpose
  bool biases = false;
};

// One hidden layer: parameters encoder.W (hidden x inputs), decoder.W (inputs x hidden, unless
// tied), and encoder.b, decoder.b if asked for; all zero until initialised. Throws
// std::invalid_argument if a size is 0.
Autoencoder shallow_autoencoder(std::size_t inputs, std::size_t hidden,
                                const ShallowOptions& options = {});

inline Autoencoder linear_autoencoder(std::size_t inputs, std::size_t hidden) {
  return shallow_autoencoder(inputs, hidden);
}

}  // namespace hourglass
