// SPDX-License-Identifier: Apache-2.0
// Utilisation over time: steps, one line a part.
duet.drawings["over-time"] = (element, { phase }) => {
  const block = phase && phase.utilisation_over_time;
  if (!block || !block.series || block.series.length === 0) return null;
  const interval = block.interval_s || 1;
  duet.setHeight(element, 280);
  const option = duet.base();
  option.tooltip.trigger = "axis";
  option.tooltip.valueFormatter = (value) => duet.percent(value);
  option.tooltip.formatter = (items) => [`from ${duet.si(items[0].value[0], "s")}`, ...items.map((item) => `${item.seriesName}: ${duet.percent(item.value[1])}`)].join("\n");
  option.xAxis = { type: "value", max: "dataMax", ...duet.axisStyle() };
  option.xAxis.axisLabel.formatter = (value) => duet.siAxis(Number(value.toPrecision(6)), "s");
  option.yAxis = { type: "value", min: 0, max: 1, ...duet.axisStyle() };
  option.yAxis.axisLabel.formatter = (value) => Math.round(value * 100) + " %";
  option.dataZoom = [{ type: "inside", filterMode: "none", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, preventDefaultMouseMove: false }];
  option.series = block.series.map((line) => ({
    name: line.name, type: "line", step: "end", showSymbol: false, lineStyle: { width: 1.5 }, sampling: "lttb",
    data: line.values.map((value, index) => [index * interval, value]).concat([[line.values.length * interval, line.values[line.values.length - 1]]]),
  }));
  return option;
};
