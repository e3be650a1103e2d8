// SPDX-License-Identifier: Apache-2.0
#include "asset.hpp"

// The assembler includes the file between two symbols; a byte array would take the compiler seconds.
#define DUET_ASSET(symbol, file)                                                                        \
  asm(".pushsection .rodata\n.global duet_asset_" #symbol "\n.global duet_asset_" #symbol               \
      "_end\nduet_asset_" #symbol ":\n.incbin \"" DUET_REPORT_DIR "/" file "\"\nduet_asset_" #symbol    \
      "_end:\n.byte 0\n.popsection\n");                                                                 \
  extern "C" {                                                                                          \
  extern const char duet_asset_##symbol[];                                                              \
  extern const char duet_asset_##symbol##_end[];                                                        \
  }                                                                                                     \
  static std::string_view symbol() {                                                                    \
    return {duet_asset_##symbol, static_cast<size_t>(duet_asset_##symbol##_end - duet_asset_##symbol)}; \
  }

DUET_ASSET(charts_js, "dist/charts.min.js")
DUET_ASSET(license, "dist/LICENSE")
DUET_ASSET(notice, "dist/NOTICE")
DUET_ASSET(style_css, "page/style.css")
DUET_ASSET(core_js, "page/core.js")
DUET_ASSET(layer_kinds_js, "page/layer_kinds.js")
DUET_ASSET(roofline_js, "page/roofline.js")
DUET_ASSET(timeline_layout_js, "page/timeline_layout.js")
DUET_ASSET(timeline_js, "page/timeline.js")
DUET_ASSET(over_time_js, "page/over_time.js")
DUET_ASSET(energy_area_js, "page/energy_area.js")
DUET_ASSET(comparison_js, "page/comparison.js")
DUET_ASSET(experiment_js, "page/experiment.js")
DUET_ASSET(selector_js, "page/selector.js")

namespace duet::platform {

std::string_view chart_bundle() {
  return charts_js();
}
std::string_view chart_license() {
  return license();
}
std::string_view chart_notice() {
  return notice();
}
std::string_view page_style() {
  return style_css();
}

std::string page_script() {
  std::string script;
  for (const std::string_view part :
       {core_js(), layer_kinds_js(), roofline_js(), timeline_layout_js(), timeline_js(), over_time_js(),
        energy_area_js(), comparison_js(), experiment_js(), selector_js()}) {
    script += part;
  }
  return script;
}

}  // namespace duet::platform
