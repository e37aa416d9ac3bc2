#pragma once

namespace hourglass {

// The page's style sheet: light in any browser setting, wide parts scroll on small screens and
// shrink on paper.
inline constexpr const char* page_style = R"css(
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f5f6; color: #1c1e21;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 1.05rem; font-weight: 600; color: #555b63; margin: 0 0 8px; }
h2 { font-size: 1.05rem; margin: 0 0 10px; }
header { margin: 0 0 20px; }
.answer { font-size: 1.35rem; line-height: 1.35; font-weight: 600; margin: 0 0 8px;
  padding-left: 14px; border-left: 5px solid #009e73; max-width: 60rem; }
.answer.bad { border-color: #c04a00; }
.question, .remark { color: #555b63; margin: 8px 0 0; }
.remark { font-size: .85rem; }
figure, section { background: #fff; border: 1px solid #dfe2e5; border-radius: 8px;
  padding: 16px; margin: 0 0 16px; }
figcaption { color: #555b63; font-size: .9rem; margin-top: 8px; }
.scroll { overflow-x: auto; }
sup { line-height: 0; }
figure svg { display: block; width: 100%; min-width: 640px; max-width: 1280px; height: auto;
  margin: 0 auto; }
.pixels { display: block; max-width: 100%; height: auto; margin: 0 auto; image-rendering: pixelated; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
.numbers { width: 100%; white-space: nowrap; font-size: .85rem; }
.numbers th, .numbers td { text-align: right; padding: 5px; }
.numbers th { font-weight: 600; color: #555b63; font-size: .8rem; vertical-align: bottom; }
.numbers .group { text-align: center; border-bottom: 1px solid #c9cdd2; }
.numbers .name { text-align: left; }
.numbers tbody tr { border-top: 1px solid #eceef0; }
.numbers small { color: #6b7178; }
td.open { color: #666; }
td.good { color: #00694d; }
td.bad { color: #a63f00; font-weight: 600; }
.settings { width: 100%; }
.settings th { text-align: left; font-weight: 500; color: #555b63; padding: 3px 16px 3px 0;
  vertical-align: top; width: 14rem; }
.settings td { padding: 3px 0; overflow-wrap: anywhere; }
pre { margin: 0; padding: 12px; background: #f4f5f6; border-radius: 6px; font-size: .85rem;
  white-space: pre-wrap; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 20px; overflow-wrap: anywhere; }
a { color: #005a8f; }
@media (max-width: 600px) {
  .answer { font-size: 1.15rem; }
  .settings th { width: 8rem; }
}
@media print {
  body { background: #fff; font-size: 10pt; }
  main { max-width: none; padding: 0; }
  figure, section { border: 0; padding: 0; break-inside: avoid; }
  sup { line-height: 0; }
figure svg { min-width: 0; }
  .scroll { overflow: visible; }
  .numbers { font-size: 6.5pt; }
  .numbers th { font-size: 6.5pt; white-space: normal; }
  .numbers th, .numbers td { padding: 2px; }
}
)css";

}  // namespace hourglass
