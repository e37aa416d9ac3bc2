#include <hourglass/core/error.hpp>
#include <hourglass/model/stack.hpp>

namespace hourglass {

Autoencoder::Autoencoder(Encoder encoder, Decoder decoder)
    : encoder_(std::move(encoder)),
      decoder_(std::move(decoder)),
      parameters_(Sequence({encoder_, decoder_}).parameters()) {}

Var Autoencoder::loss(Tape& tape, const View& x, std::size_t first_row) const {
  const Var clean = tape.constant(x);
  const Position position{tape.step(), first_row};
  const Var seen = corrupt ? corrupt(clean, position) : clean;
  const Var code = encoder_(seen, position);
  Var total = error(decoder_(code, position), clean);
  for (const Penalty& penalty : penalties) total = penalty({total, parameters_, seen, code});
  return total;
}

Autoencoder deep_autoencoder(const std::vector<std::size_t>& sizes,
                             const AutoencoderOptions& options) {
  return deep_stack(sizes, options).whole();
}

}  // namespace hourglass
