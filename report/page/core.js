// SPDX-License-Identifier: Apache-2.0
// The page's script: charts over what the page already says in words and tables. The files of this folder
// are one script; each adds its drawings to duet.drawings by the name in data-chart.
"use strict";
const duet = {
  data: JSON.parse(document.getElementById("duet-data").textContent),
  drawings: {},   // name -> (element, context) => ECharts option or null
  attachments: {},  // name -> (element, chart, context), for what answers to events
  charts: new Map(),  // element -> {chart, name, context}
  hiddenRuns: new Set(),
};
window.duet = duet;

duet.boundNames = ["compute", "sram", "noi", "memory", "link", "driver"];
duet.lightColours = ["#0072b2", "#56b4e9", "#009e73", "#e69f00", "#cc79a7", "#d55e00"];
duet.darkColours = ["#4da3db", "#8fd0f5", "#35c29b", "#f2b83f", "#e2a3c6", "#f08a4b"];
duet.moreColours = ["#7a6fc4", "#8a8f2a", "#b0503f", "#3f8f9f", "#9c6b30", "#777f8c"];

duet.isDark = () => window.matchMedia("(prefers-color-scheme: dark)").matches;
duet.colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
duet.palette = () => (duet.isDark() ? duet.darkColours : duet.lightColours).concat(duet.moreColours);
duet.boundColour = (bound) => {
  const index = duet.boundNames.indexOf(bound);
  return index < 0 ? duet.colour("muted") : duet.palette()[index];
};

// Three significant digits with a decimal prefix.
duet.si = (value, unit) => {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value === 0) return "0 " + unit;
  const prefixes = ["a", "f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E"];
  const power = Math.min(6, Math.max(-6, Math.floor(Math.log10(Math.abs(value) * 1.0005) / 3)));
  const scaled = value / 10 ** (3 * power);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(scaled) * 1.0005)));
  return scaled.toFixed(Math.min(digits, 6)) + " " + prefixes[power + 6] + unit;
};
// Tokens are counted without prefixes.
duet.amount = (value, unit) => (unit.startsWith("tok") && Math.abs(value) >= 1 ? `${Number(value.toPrecision(3)).toLocaleString("en")} ${unit}` : duet.si(value, unit));
duet.percent = (ratio) => (Number.isFinite(ratio) ? (ratio * 100).toFixed(1) + " %" : "–");
duet.siAxis = (value, unit) => duet.si(value, unit).replace(/\.0+ /, " ");

duet.axisStyle = () => ({
  axisLine: { lineStyle: { color: duet.colour("line") } },
  axisLabel: { color: duet.colour("text"), hideOverlap: true, lineHeight: 15 },
  splitLine: { lineStyle: { color: duet.colour("grid") } },
  nameTextStyle: { color: duet.colour("muted") },
});

duet.base = () => ({
  animation: false,
  color: duet.palette(),
  textStyle: { color: duet.colour("text"), fontFamily: "system-ui, sans-serif" },
  // HTML tooltips carry style attributes, which the content policy forbids.
  tooltip: {
    renderMode: "richText", confine: true, transitionDuration: 0,
    backgroundColor: duet.colour("card"), borderColor: duet.colour("line"), textStyle: { color: duet.colour("text"), fontSize: 12 },
  },
  legend: { type: "scroll", top: 0, textStyle: { color: duet.colour("text") }, pageTextStyle: { color: duet.colour("text") } },
  grid: { left: 12, right: 20, top: 36, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
});

// The data that an element shows: its panel's run and point, and the phase.
duet.contextOf = (element) => {
  const panel = element.closest(".panel");
  const context = { phaseName: element.dataset.phase };
  if (panel) {
    context.run = duet.data.runs[Number(panel.dataset.run)];
    context.point = (context.run.points || [])[Number(panel.dataset.point)];
    context.phase = context.point && context.point[context.phaseName];
  }
  return context;
};

duet.setHeight = (element, pixels) => { element.style.height = Math.round(pixels) + "px"; };

duet.draw = (element) => {
  const name = element.dataset.chart;
  const context = duet.contextOf(element);
  const known = duet.charts.get(element);
  const option = duet.drawings[name](element, context);
  if (!option) {
    element.hidden = true;
    return;
  }
  const chart = known ? known.chart : echarts.init(element, null, { renderer: "canvas" });
  if (known) chart.resize();  // the drawing may have set another height
  chart.setOption(option, { notMerge: true });
  if (!known) {
    duet.charts.set(element, { chart });
    if (duet.attachments[name]) duet.attachments[name](element, chart, context);
  }
};

// Charts are made when they are seen (echarts needs their size), one a frame, so that the page answers
// in between.
duet.drawVisible = () => {
  delete document.documentElement.dataset.ready;
  const next = () => {
    const element = [...document.querySelectorAll(".chart")].find((one) => one.offsetParent !== null && !duet.charts.has(one));
    if (!element) {
      duet.drawing = false;
      document.documentElement.dataset.ready = "true";
      return;
    }
    duet.draw(element);
    setTimeout(next);
  };
  if (!duet.drawing) {
    duet.drawing = true;
    setTimeout(next);
  }
};
duet.redrawAll = () => {
  for (const element of duet.charts.keys()) if (element.offsetParent !== null) duet.draw(element);
};

duet.start = () => {
  document.documentElement.classList.add("js");
  duet.buildSelector();
  duet.buildToggles();
  duet.drawVisible();
  let pending = 0;
  window.addEventListener("resize", () => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(() => {
      for (const element of duet.charts.keys()) {
        if (element.offsetParent !== null) {
          duet.draw(element);
        }
      }
    });
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", duet.redrawAll);
};
