#include <hourglass/model/autoencoder.hpp>

#include <algorithm>
#include <stdexcept>

namespace hourglass {

Var Sequence::operator()(Var x) const {
  for (const Layer& layer : layers_) x = layer(x);
  return x;
}

Autoencoder::Autoencoder(Encoder encoder, Decoder decoder)
    : encoder_(std::move(encoder)), decoder_(std::move(decoder)) {
  for (const Sequence* part : {&encoder_, &decoder_})
    for (const Layer& layer : part->layers())
      for (Parameter* p : layer.parameters())
        if (std::find(parameters_.begin(), parameters_.end(), p) == parameters_.end())
          parameters_.push_back(p);
}

Var Autoencoder::loss(Tape& tape, const View& x, std::size_t first_row) const {
  const Var clean = tape.constant(x);
  const Var seen = corrupt ? corrupt(clean, {tape.step(), first_row}) : clean;
  const Var code = encoder_(seen);
  Var total = error(decoder_(code), clean);
  for (const Penalty& penalty : penalties) total = penalty({total, parameters_, seen, code});
  return total;
}

Parameter& Autoencoder::parameter(const std::string& name) const {
  std::string known;
  for (Parameter* p : parameters_) {
    if (p->name == name) return *p;
    known += (known.empty() ? "" : ", ") + p->name;
  }
  throw std::out_of_range("no parameter '" + name + "'; there are " + known);
}

Autoencoder shallow_autoencoder(std::size_t inputs, std::size_t hidden,
                                const ShallowOptions& options) {
  const Dense down("encoder", inputs, hidden, options.biases);
  const Dense up = options.tied ? down.tied("decoder", options.biases)
                                : Dense("decoder", hidden, inputs, options.biases);
  std::vector<Layer> encoder{down};
  if (options.activation != Activation::linear) encoder.push_back(options.activation);
  return Autoencoder(Encoder(std::move(encoder)), Decoder({up}));
}

}  // namespace hourglass
