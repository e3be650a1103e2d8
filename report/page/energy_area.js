// SPDX-License-Identifier: Apache-2.0
// Energy and area: stacked bars, one a phase or package.
duet.stackedBars = (element, rows, unit, limits) => {
  const names = [...new Set(rows.flatMap((row) => row.parts.map((part) => part.name)))];
  duet.setHeight(element, 84 + 48 * rows.length);
  const option = duet.base();
  const format = (value) => (unit === "mm²" ? `${value.toPrecision(3)} mm²` : duet.si(value, unit));
  option.tooltip.formatter = ({ seriesName, name, value }) => `${seriesName}, ${name}: ${format(value)}`;
  option.xAxis = { type: "value", ...duet.axisStyle() };
  option.xAxis.axisLabel.formatter = (value) => (unit === "mm²" ? `${value} mm²` : duet.siAxis(value, unit));
  option.yAxis = { type: "category", inverse: true, data: rows.map((row) => row.name), ...duet.axisStyle() };
  option.series = names.map((name) => ({
    name, type: "bar", stack: "parts", barMaxWidth: 28, itemStyle: { borderColor: duet.colour("card"), borderWidth: 1 },
    data: rows.map((row) => (row.parts.find((part) => part.name === name) || {}).value || 0),
  }));
  if (limits && limits.length > 0 && option.series.length > 0) {
    option.xAxis.max = (extent) => Math.max(extent.max, ...limits) * 1.05;
    option.series[0].markLine = {
      symbol: "none", silent: true, lineStyle: { color: duet.colour("warning"), type: "dashed" }, label: { color: duet.colour("text"), formatter: "limit", position: "start" },
      data: [...new Set(limits)].map((limit) => ({ xAxis: limit })),
    };
  }
  return option;
};

duet.drawings.energy = (element, { point }) => {
  const rows = ["prefill", "decode"].filter((name) => point && point[name] && point[name].energy)
    .map((name) => ({ name: name === "decode" ? "decode step" : name, parts: (point[name].energy.parts || []).map((part) => ({ name: part.name, value: part.energy_j })) }));
  if (rows.length === 0 || rows.every((row) => row.parts.length === 0)) return null;
  // A prefill takes hundreds of times a decode step: each as shares of its own total.
  for (const row of rows) {
    row.total = row.parts.reduce((sum, part) => sum + part.value, 0);
    row.name += `\n${duet.si(row.total, "J")}`;
    for (const part of row.parts) part.value = row.total > 0 ? part.value / row.total : 0;
  }
  const option = duet.stackedBars(element, rows, "", []);
  option.xAxis.max = 1;
  option.xAxis.axisLabel.formatter = (value) => Math.round(value * 100) + " %";
  option.tooltip.formatter = ({ seriesName, dataIndex, value }) => `${seriesName}: ${duet.percent(value)}, ${duet.si(value * rows[dataIndex].total, "J")}`;
  return option;
};

duet.drawings.area = (element, { run }) => {
  const packages = ((run && run.area && run.area.packages) || []).filter((one) => (one.parts || []).length > 0);
  if (packages.length === 0) return null;
  const rows = packages.map((one) => ({ name: one.name, parts: one.parts.map((part) => ({ name: part.name, value: part.area_mm2 })) }));
  return duet.stackedBars(element, rows, "mm²", packages.map((one) => one.chiplet_limit_mm2).filter(Number.isFinite));
};
