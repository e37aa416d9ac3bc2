#include "online_sgd_figures.hpp"

#include <hourglass/theory/shallow_laws.hpp>

#include <algorithm>
#include <functional>

namespace hourglass {
namespace {

class Drawing {
 public:
  Drawing(const OnlineSgdResult& result, const OnlineInputs& inputs) : result_(result) {
    for (const double step : result.comparison.measured.steps())
      times_.push_back(step / double(inputs.features()));
  }

  Curve curve(const std::string& label, const Column& column) const {
    const Trace& measured = result_.comparison.measured;
    const std::size_t c = measured.find(column);
    return {label,
            times_,
            measured.values(c),
            result_.comparison.predicted.values(c),
            result_.low.values(c),
            result_.high.values(c)};
  }

  // All columns whose series begins like that, `index` saying what theirs counts.
  Panel panel(const std::string& title, const std::string& start, const std::string& index) const {
    Panel panel{.title = title};
    for (const Column& column : result_.comparison.measured.columns())
      if (column.series.starts_with(start))
        panel.curves.push_back(curve(label(column, index), column));
    return panel;
  }

  // "Q1[1][2]", "unit 1, mode 2" for the overlap of unit [1], "mode 2"
  static std::string label(const Column& column, const std::string& index) {
    const std::string numbered = index + std::to_string(column.index);
    const std::size_t open = column.series.find('[');
    if (column.index == 0) return column.series;
    if (open == std::string::npos) return numbered;
    const std::size_t close = column.series.find(']');
    return "unit " + column.series.substr(open + 1, close - open - 1) + ", " + numbered;
  }

 private:
  const OnlineSgdResult& result_;
  std::vector<double> times_;
};

std::vector<Level> error_levels(const OnlineSgdResult& result, const OnlineInputs& inputs,
                                const OnlineSgdConfig& config) {
  std::vector<Level> levels;
  for (std::size_t k = 0; k < result.pca_errors.size(); ++k)
    if (k <= 4 || k + 1 == result.pca_errors.size())
      levels.push_back({"PCA(" + std::to_string(k) + ")", result.pca_errors[k]});
  const bool tied = config.learning.rule == OnlineRule::tied;
  if (tied && config.learning.activation == Activation::erf)
    levels.push_back({"tied optimum", theory::tied_erf_pixel_error(inputs.ell(), config.hidden)});
  const bool biased = config.learning.encoder_bias;
  if (config.learning.activation == Activation::relu && config.hidden == 1 && !biased)
    levels.push_back({"one ReLU", theory::relu_single_pixel_error(inputs.ell())});
  return levels;
}

Panel error_panel(const Drawing& drawing, const OnlineSgdResult& result, const OnlineInputs& inputs,
                  const OnlineSgdConfig& config) {
  return {.curves = {drawing.curve("error", {"error"})},
          .levels = error_levels(result, inputs, config)};
}

}  // namespace

std::vector<Figure> online_sgd_figures(const OnlineSgdResult& result, const OnlineInputs& inputs,
                                       const OnlineSgdConfig& config) {
  const Drawing drawing(result, inputs);
  std::vector<Panel> overlaps{drawing.panel("encoder", "encoder overlap", "mode "),
                              drawing.panel("decoder", "decoder overlap", "mode "),
                              drawing.panel("subspace", "subspace overlap", "")};
  const std::vector<Figure> figures{
      {.name = "error",
       .y_label = "error per pixel",
       .log_y = true,
       .relative_deviation = true,
       .panels = {error_panel(drawing, result, inputs, config)},
       .caption = "The error falls from one level of principal components to the next."},
      {.name = "mode_gains",
       .y_label = "mode gain",
       .panels = {drawing.panel("", "mode gain", "mode ")},
       .caption = "How much of each principal component is reconstructed: 1 where it is learned, "
                  "in the linear limit."},
      {.name = "fields",
       .y_label = "order parameter",
       .panels = {drawing.panel("encoders", "Q1", ""), drawing.panel("decoder-encoder", "R1", ""),
                  drawing.panel("decoders", "T1", "")},
       .caption = "Second moments of the units' fields: Q1 of the encoders', R1 of the decoders' "
                  "with the encoders', T1 of the decoders'."},
      {.name = "weights",
       .y_label = "order parameter",
       .panels = {drawing.panel("encoders", "Q0", ""), drawing.panel("decoder-encoder", "R0", ""),
                  drawing.panel("decoders", "T0", "")},
       .caption = "Scalar products of the weights themselves."},
      {.name = "overlaps",
       .y_label = "overlap",
       .y_min = 0,
       .panels = overlaps,
       .caption = "Overlap of unit [k] with a principal component, and of the decoders' span with "
                  "that of the leading components."},
      {.name = "norms",
       .y_label = "norm",
       .log_y = true,
       .panels = {drawing.panel("encoder |W|", "encoder norm", "unit "),
                  drawing.panel("decoder |V|", "decoder norm", "unit ")},
       .caption = "Norms of the weight vectors of each unit."}};
  std::vector<Figure> both;
  for (Figure figure : figures)
    for (const bool log_x : {true, false}) {
      Figure& one = both.emplace_back(figure);
      one.name += log_x ? "_log" : "_linear";
      one.x_label = "time t = steps/D";
      one.log_x = log_x;
    }
  return both;
}

}  // namespace hourglass
