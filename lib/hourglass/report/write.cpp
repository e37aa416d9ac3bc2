#include <hourglass/report/csv.hpp>
#include <hourglass/report/file.hpp>
#include <hourglass/report/page.hpp>
#include <hourglass/report/summary.hpp>
#include <hourglass/report/write.hpp>

namespace hourglass {

std::filesystem::path write_report(const Run& run, const std::filesystem::path& out) {
  write_file(out / "trajectory.csv", to_csv(run.comparison));
  write_file(out / "summary.json", to_json(run));
  std::vector<std::string> drawings;
  for (const Figure& figure : run.figures)
    drawings.push_back(read_file(write_figure(figure, out / "figures")));
  for (const Picture& picture : run.pictures)
    write_file(out / "figures" / (picture.name + ".png"), to_png(picture));
  const std::filesystem::path page = out / "report.html";
  write_file(page, to_html(run, drawings));
  return page;
}

}  // namespace hourglass
