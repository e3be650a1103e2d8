// SPDX-License-Identifier: Apache-2.0
// Over batch sizes and designs.
duet.fittingPoints = (run) => (run.points || []).filter((point) => point.fits !== false && Number.isFinite(point.ttft_s)).sort((a, b) => a.batch - b.batch);

duet.drawings["ttft-over-batch"] = (element) => {
  duet.setHeight(element, 320);
  const option = duet.base();
  option.tooltip.formatter = ({ seriesName, value }) => `${seriesName}\nbatch ${value[0]}: ${duet.si(value[1], "s")}`;
  option.xAxis = { type: "log", logBase: 2, name: "batch", nameLocation: "middle", nameGap: 26, ...duet.axisStyle() };
  option.yAxis = { type: "log", ...duet.axisStyle() };
  option.yAxis.axisLabel.formatter = (value) => duet.siAxis(value, "s");
  option.grid.bottom = 28;
  option.series = duet.shownRuns().map(({ run, index }) => ({
    name: run.label, type: "line", symbolSize: 7, itemStyle: { color: duet.runColour(index) }, lineStyle: { color: duet.runColour(index) },
    data: duet.fittingPoints(run).map((point) => [point.batch, point.ttft_s]),
  }));
  return option;
};

duet.drawings["throughput-tbt"] = (element) => {
  duet.setHeight(element, 320);
  const option = duet.base();
  option.tooltip.formatter = ({ seriesName, value }) => `${seriesName}, batch ${value[2]}\nTBT ${duet.si(value[0], "s")}\n${duet.amount(value[1], "tokens/s")}`;
  option.xAxis = { type: "value", name: "TBT", nameLocation: "middle", nameGap: 26, scale: true, ...duet.axisStyle() };
  option.xAxis.axisLabel.formatter = (value) => duet.siAxis(Number(value.toPrecision(6)), "s");
  option.yAxis = { type: "log", ...duet.axisStyle() };
  option.yAxis.axisLabel.formatter = (value) => duet.amount(value, "tok/s");
  option.grid.bottom = 28;
  option.series = duet.shownRuns().map(({ run, index }) => ({
    name: run.label, type: "line", symbolSize: 7, itemStyle: { color: duet.runColour(index) }, lineStyle: { color: duet.runColour(index) },
    data: duet.fittingPoints(run).filter((point) => Number.isFinite(point.tbt_s) && point.throughput_tokens_per_s > 0).map((point) => [point.tbt_s, point.throughput_tokens_per_s, point.batch]),
  }));
  return option;
};

duet.drawings.pareto = (element, { phaseName }) => {
  const front = duet.data.pareto[Number(phaseName)];
  const points = (front && front.points) || [];
  if (points.length === 0) return null;
  const x = front.x || {};
  const y = front.y || {};
  duet.setHeight(element, 340);
  const option = duet.base();
  const as = (list) => list.map((point) => ({ name: point.label, value: [point.x, point.y] }));
  const onFront = points.filter((point) => point.on_front).sort((a, b) => a.x - b.x);
  const format = (value, axis) => duet.siAxis(value, axis.unit || "");
  option.tooltip.formatter = ({ name, value }) => `${name}\n${x.label || "x"}: ${duet.si(value[0], x.unit || "")}\n${y.label || "y"}: ${duet.si(value[1], y.unit || "")}`;
  const spread = points.map((point) => point.x);
  const wide = Math.min(...spread) > 0 && Math.max(...spread) > 20 * Math.min(...spread);
  option.xAxis = { type: wide ? "log" : "value", scale: true, name: x.label, nameLocation: "middle", nameGap: 26, ...duet.axisStyle() };
  option.xAxis.axisLabel.formatter = (value) => format(value, x);
  option.yAxis = { type: "log", name: y.label, ...duet.axisStyle() };
  option.yAxis.axisLabel.formatter = (value) => format(value, y);
  option.grid.bottom = 28;
  option.grid.top = 56;
  const colours = duet.palette();
  option.series = [
    { name: "designs", type: "scatter", symbolSize: 8, itemStyle: { color: duet.colour("muted"), opacity: 0.7 }, data: as(points.filter((point) => !point.on_front)) },
    { name: "front", type: "line", step: "end", symbolSize: 9, itemStyle: { color: colours[0] }, lineStyle: { color: colours[0] }, data: as(onFront) },
    { name: "chosen", type: "scatter", symbol: "diamond", symbolSize: 16, itemStyle: { color: colours[5] }, label: { show: true, formatter: "{b}", position: "top", color: duet.colour("text") }, data: as(points.filter((point) => point.highlight)) },
  ];
  return option;
};
