#include <hourglass/core/error.hpp>
#include <hourglass/report/markup.hpp>
#include <hourglass/report/svg.hpp>

#include <array>

namespace hourglass {
namespace {

void insert_after_each(std::string& tag, const std::string& mark, const std::string& text) {
  for (std::size_t at = tag.find(mark); at != std::string::npos; at = tag.find(mark, at)) {
    at += mark.size();
    tag.insert(at, text);
  }
}

// gnuplot numbers its plots anew in each panel: those ids come twice even in one drawing, and
// nothing refers to them.
void drop_plot_id(std::string& tag) {
  const std::size_t start = tag.find(" id=\"gnuplot_plot");
  if (start == std::string::npos) return;
  const std::size_t end = tag.find('"', start + 5);
  if (end != std::string::npos) tag.erase(start, end + 1 - start);
}

std::string with_prefix(std::string tag, const std::string& prefix) {
  drop_plot_id(tag);
  static const std::array<std::string, 6> marks{" id=\"",  " id='", "href=\"#",
                                                "href='#", "url(#", "url('#"};
  for (const std::string& mark : marks) insert_after_each(tag, mark, prefix);
  return tag;
}

// Removes gnuplot's own title and description: they name the program, not the drawing.
void drop_element(std::string& text, const std::string& open, const std::string& close) {
  const std::size_t start = text.find(open), end = text.find(close);
  if (start == std::string::npos || end == std::string::npos || end < start) return;
  text.erase(start, end + close.size() - start);
}

}  // namespace

std::string inline_svg(const std::string& file, const std::string& prefix,
                       const std::string& description) {
  const std::size_t start = file.find("<svg");
  if (start == std::string::npos) throw ArgumentError("the drawing has no <svg> element");
  std::string text =
      "<svg role=\"img\" aria-label=\"" + escaped(description) + '"' + file.substr(start + 4);
  drop_element(text, "<title>Gnuplot", "</title>");
  drop_element(text, "<desc>", "</desc>");
  std::string result;
  std::size_t at = 0;
  for (std::size_t open; (open = text.find('<', at)) != std::string::npos;) {
    const std::size_t close = std::min(text.find('>', open), text.size() - 1);
    result += text.substr(at, open - at) + with_prefix(text.substr(open, close + 1 - open), prefix);
    at = close + 1;
  }
  return result + text.substr(at);
}

}  // namespace hourglass
