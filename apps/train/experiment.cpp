#include "experiment.hpp"

#include <hourglass/data/dataset.hpp>
#include <hourglass/measure/fit.hpp>
#include <hourglass/measure/pca.hpp>
#include <hourglass/measure/reconstruction.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/losses.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

namespace hourglass {
namespace {

// Which random numbers are whose; the noise of hidden layer k = 1, 2, ... has id input_noise + k.
enum StreamId : std::uint32_t { initial_weights = 0, row_order = 1, input_noise = 16 };

std::function<Noise(Stream)> maker_of(const std::string& noise) {
  if (noise == "none") return {};
  noise_named(noise, {});  // refused here, not at the first step
  return [noise](Stream stream) { return noise_named(noise, stream); };
}

// A decoder of any sizes, without noise in its hidden layers.
Decoder free_decoder(const TrainConfig& config) {
  const std::vector<std::size_t>& sizes = *config.decoder;
  std::vector<Layer> layers;
  for (std::size_t k = 1; k < sizes.size(); ++k) {
    const bool last = k + 1 == sizes.size();
    layers.push_back(
        Dense("decoder." + std::to_string(k) + ".free", sizes[k - 1], sizes[k], config.biases));
    layers.push_back(activation_named(last ? config.output_activation : config.activation));
  }
  return Decoder(std::move(layers));
}

Autoencoder model_of(const TrainConfig& config) {
  const Stream noise{config.seed, input_noise};
  Autoencoder model =
      deep_autoencoder(config.encoder, {.activation = activation_named(config.activation),
                                        .tied = config.tied,
                                        .biases = config.biases,
                                        .code = activation_named(*config.code_activation),
                                        .output = activation_named(config.output_activation),
                                        .hidden_noise = maker_of(config.hidden_noise),
                                        .code_noise = maker_of(config.code_noise),
                                        .stream = noise});
  if (!is_mirrored(config)) model = Autoencoder(model.encoder(), free_decoder(config));
  model.corrupt = noise_named(config.noise, noise);
  model.error = loss_named(config.loss, false);
  for (const std::string& penalty : config.penalties)
    model.penalties.push_back(penalty_named(penalty));
  init::named(config.initialiser, model.parameters(), {config.seed, initial_weights});
  return model;
}

// What loss and penalties refuse about this network shows before training.
void require_loss_of(const Autoencoder& model, const Array& x) {
  Tape tape;
  try {
    tape.begin();
    model.loss(tape, borrow(x.data(), {1, shape_of(x).columns}));
  } catch (const std::exception& problem) {
    throw InputError(std::string("--loss, --penalty: ") + problem.what());
  }
}

// With what the options left to be chosen.
void identify(Journal* journal, TrainConfig config) {
  if (!journal) return;
  Options options;
  add_options(options, config);
  for (const Option& option : options.all())
    if (option.identifies && option.applies())
      journal->identify({{option.name, text_of(option.value(), ",")}});
}

// A checkpoint beyond the last epoch is no run of so many epochs.
void require_epochs_left(const Fit& plan, std::uint64_t step) {
  const std::uint64_t per_epoch = plan.steps_per_epoch();
  if (step > plan.epochs * per_epoch)
    throw refused("epochs", double(plan.epochs),
                  "at least " + std::to_string((step + per_epoch - 1) / per_epoch) +
                      ", where the checkpoint of --resume stands");
}

// Where principal components are the goal, and not only a reference.
bool ends_at_pca(const TrainConfig& config) {
  for (const std::string& name :
       {config.activation, *config.code_activation, config.output_activation})
    if (activation_named(name).kind != Activation::linear) return false;
  for (const std::string& noise : {config.noise, config.hidden_noise, config.code_noise})
    if (noise != "none") return false;
  return config.penalties.empty() && config.loss.find("cross_entropy") == std::string::npos;
}

// Whether components leave something: below rounding of the data a relative error says nothing.
bool leaves_error(double pca_error, const Array& x) {
  double squares = 0;
  for (const Real value : x) squares += double(value) * double(value);
  return pca_error > double(std::numeric_limits<Real>::epsilon()) * squares / double(x.size());
}

std::size_t narrowest(const TrainConfig& config) {
  return std::min(*std::min_element(config.encoder.begin(), config.encoder.end()),
                  *std::min_element(config.decoder->begin(), config.decoder->end()));
}

// Whether reconstructions lie in a plane of that rank, whatever the encoder does: then principal
// components of the training rows have the least error there is (Eckart and Young).
bool is_bounded_by_pca(const TrainConfig& config) {
  const auto linear = [](const std::string& name) {
    return activation_named(name).kind == Activation::linear;
  };
  const std::vector<std::size_t>& sizes = *config.decoder;
  return linear(config.output_activation) && (sizes.size() == 2 || linear(config.activation)) &&
         *std::min_element(sizes.begin(), sizes.end()) == narrowest(config);
}

// An error at the end beside that of principal components, relative where these leave any.
std::vector<Quantity> final_error(double measured, double pca, const Array& rows,
                                  double tolerance) {
  const bool relative = leaves_error(pca, rows);
  return {{"final error", "", measured, pca, relative ? tolerance : NAN, relative}};
}

// Of all training rows. A linear network comes close to principal components in the end.
std::vector<Quantity> training_errors(const TrainConfig& config, double measured, double pca,
                                      const Array& rows) {
  auto errors = final_error(measured, pca, rows, ends_at_pca(config) ? 0.02 : NAN);
  if (is_bounded_by_pca(config) && errors[0].relative)
    errors.push_back({"shortfall", "", std::min(0.0, measured / pca - 1), 0, 1e-4});
  return errors;
}

// The eigendecomposition of a matrix of this size takes minutes and gigabytes.
constexpr std::size_t most_components = 10000;

// Errors of principal components, of training and held-out rows.
std::vector<double> pca_errors(const TrainResult& result) {
  const Array &training = result.training.x, &validation = result.validation.x;
  if (const auto [N, D] = shape_of(training); std::min(N, D) > most_components)
    throw SystemError("that of " + shape_of(training).str() + " numbers would take too long");
  const Pca pca(training, narrowest(result.config), result.config.biases);
  std::vector<double> errors{pca.error(training)};
  if (result.validation.samples() > 0) errors.push_back(pca.error(validation));
  return errors;
}

void compare_with_components(TrainResult& result, const Trace& curve) {
  const TrainConfig& config = result.config;
  const Array& training = result.training.x;
  const bool held_out = result.validation.samples() > 0;
  std::vector<Column> columns{learning::training_error()};
  if (held_out) columns.push_back(learning::validation_error());
  const std::vector<double> nothing(columns.size(), NAN);
  std::vector<double> last = nothing;
  try {
    last = pca_errors(result);
  } catch (const std::bad_alloc&) {
    result.left_out = "there is not enough memory for it";
  } catch (const std::exception& problem) {  // nothing that training found is lost by that
    result.left_out = problem.what();
  }
  Trace predicted(columns);
  for (const double step : curve.steps())
    predicted.add(step, step == curve.steps().back() ? last : nothing);
  Comparison& comparison = result.comparison = compare(curve, predicted, NAN);
  comparison.agreements[0].quantities =
      training_errors(config, reconstruction_error(result.model, training), last[0], training);
  if (held_out)
    comparison.agreements[1].quantities =
        final_error(curve[learning::validation_error()].back(), last[1], result.validation.x, NAN);
}

}  // namespace

TrainResult run_train(const TrainConfig& asked, Dataset dataset) {
  const TrainConfig config = settled(asked, dataset);
  TrainResult result{.config = config, .model = model_of(config)};
  identify(config.journal, config);
  require_loss_of(result.model, dataset.x);
  Optimiser optimiser = optimiser_named(config.optimiser);
  optimiser.schedule = schedule_named(config.schedule);
  Split parts = data::split(dataset, config.validation, config.seed);
  dataset = {};  // its rows are in the parts now
  result.training = std::move(parts.training);
  result.validation = std::move(parts.validation);
  RunState state{.curve = Trace(learning_curve(result.validation.samples() > 0))};
  {
    Part part(config.journal, "", state, result.model.parameters(), optimiser);
    const Fit plan{.training = result.training.x,
                   .validation = result.validation.x,
                   .epochs = config.epochs,
                   .batch = config.batch,
                   .order = {config.seed, row_order},
                   .part = &part,
                   .progress = config.progress};
    require_epochs_left(plan, state.step);
    const FitResult fitted = fit(plan, result.model, optimiser, state);
    part.save();
    result.steps = fitted.steps;
    result.training_seconds = fitted.step_seconds;
    result.steps_per_epoch = plan.steps_per_epoch();
  }
  result.last_step = state.step;
  if (config.journal) config.journal->begin();  // where there was no step left
  if (config.trained) config.trained(result);
  compare_with_components(result, state.curve);
  return result;
}

}  // namespace hourglass
