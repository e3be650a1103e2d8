// SPDX-License-Identifier: Apache-2.0
// Roofline: the limits of both phases' packages, and a mark for every layer kind.

// Marks that lie together share one label, that of the longest: "mlp, in_proj, out_proj".
duet.labelMarks = (marks, decades, width) => {
  const near = (a, b) => [0, 1].every((axis) => Math.abs(Math.log10(a.value[axis] / b.value[axis])) < (decades * 45) / Math.max(width, 300));
  const free = marks.slice().sort((a, b) => b.value[2] - a.value[2]);
  while (free.length > 0) {
    const head = free.shift();
    const group = free.filter((mark) => near(mark, head));
    head.shownName = [head, ...group].map((mark) => mark.name).join(", ");
    for (const mark of group) {
      mark.shownName = "";
      free.splice(free.indexOf(mark), 1);
    }
  }
};

duet.drawings.roofline = (element, { point }) => {
  const option = duet.base();
  const series = [];
  const intensities = [];
  const phases = ["prefill", "decode"].map((name) => ({ name, phase: (point && point[name]) || {} }));
  for (const { phase } of phases) {
    for (const kind of phase.layer_kinds || []) if (kind.flop_per_byte > 0 && kind.macs > 0) intensities.push(kind.flop_per_byte);
    if (phase.peak_macs_per_s && phase.memory_bandwidth_bytes_per_s) intensities.push((2 * phase.peak_macs_per_s) / phase.memory_bandwidth_bytes_per_s);
  }
  if (intensities.length === 0) return null;
  const left = 10 ** Math.floor(Math.log10(Math.min(...intensities) / 1.5));
  const right = 10 ** Math.ceil(Math.log10(Math.max(...intensities) * 1.5));
  let lowest = Infinity;
  phases.forEach(({ name, phase }, index) => {
    const colour = duet.palette()[index === 0 ? 0 : 3];
    const peak = 2 * phase.peak_macs_per_s;
    const bandwidth = phase.memory_bandwidth_bytes_per_s;
    if (peak > 0 && bandwidth > 0) {
      const ridge = peak / bandwidth;
      lowest = Math.min(lowest, left * bandwidth);
      series.push({
        name: `${name} limit`, type: "line", symbol: "none", silent: true, lineStyle: { color: colour, width: 2, type: index === 0 ? "solid" : "dashed" },
        itemStyle: { color: colour }, data: [[left, left * bandwidth], [ridge, peak], [right, peak]].filter(([x]) => x >= left && x <= right),
      });
    }
    const marks = (phase.layer_kinds || []).filter((kind) => kind.flop_per_byte > 0 && kind.macs > 0 && kind.time_s > 0)
      .map((kind) => ({ name: kind.kind, value: [kind.flop_per_byte, (2 * kind.macs) / kind.time_s, kind.time_s] }));
    duet.labelMarks(marks, Math.log10(right / left), element.clientWidth);
    for (const mark of marks) lowest = Math.min(lowest, mark.value[1]);
    const longest = Math.max(...marks.map((mark) => mark.value[2]));
    series.push({
      name, type: "scatter", symbol: index === 0 ? "circle" : "diamond", itemStyle: { color: colour, opacity: 0.85, borderColor: duet.colour("card"), borderWidth: 1 },
      symbolSize: (value) => 9 + 15 * Math.sqrt(value[2] / longest), data: marks,
      label: { show: element.clientWidth > 520, formatter: ({ data }) => data.shownName, position: index === 0 ? "right" : "left", color: duet.colour("text"), fontSize: 11 },
      labelLayout: { hideOverlap: true },
    });
  });
  duet.setHeight(element, Math.min(460, Math.max(320, element.clientWidth * 0.5)));
  option.legend.data = series.map((one) => one.name);
  option.tooltip.formatter = ({ seriesName, name, value }) =>
    `${name} (${seriesName})\n${value[0].toPrecision(3)} FLOP/byte\n${duet.si(value[1], "FLOP/s")}\n${duet.si(value[2], "s")}`;
  option.xAxis = { type: "log", name: "FLOP/byte", nameLocation: "middle", nameGap: 26, min: left, max: right, ...duet.axisStyle() };
  option.yAxis = { type: "log", min: 10 ** Math.floor(Math.log10(lowest)), ...duet.axisStyle() };
  option.yAxis.axisLabel.formatter = (value) => duet.siAxis(value, "FLOP/s");
  option.grid.bottom = 28;
  option.series = series;
  return option;
};
