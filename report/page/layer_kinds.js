// SPDX-License-Identifier: Apache-2.0
// Time by layer kind: one bar a kind, in the colour of what binds it.
duet.drawings["layer-kinds"] = (element, { phase }) => {
  const kinds = ((phase && phase.layer_kinds) || []).slice().sort((a, b) => (a.time_s || 0) - (b.time_s || 0));
  if (kinds.length === 0) return null;
  const total = kinds.reduce((sum, kind) => sum + (kind.time_s || 0), 0);
  const bounds = [...new Set(kinds.map((kind) => kind.bound || "unknown"))];
  duet.setHeight(element, 68 + 26 * kinds.length);
  const option = duet.base();
  option.tooltip.formatter = ({ dataIndex }) => {
    const kind = kinds[dataIndex];
    const lines = [`${kind.kind}: ${duet.si(kind.time_s, "s")} (${duet.percent(kind.time_s / total)})`, `bound by ${kind.bound || "unknown"}`];
    for (const name of duet.boundNames) {
      const value = kind.bounds && kind.bounds[name + "_s"];
      if (Number.isFinite(value)) lines.push(`if only ${name}: ${duet.si(value, "s")}`);
    }
    return lines.join("\n");
  };
  option.xAxis = { type: "value", ...duet.axisStyle() };
  option.xAxis.axisLabel.formatter = (value) => duet.siAxis(value, "s");
  option.yAxis = { type: "category", data: kinds.map((kind) => kind.kind), ...duet.axisStyle() };
  option.yAxis.axisLabel.hideOverlap = false;
  option.grid.right = 64;
  option.series = bounds.map((bound) => ({
    name: bound, type: "bar", stack: "time", barMaxWidth: 18,
    itemStyle: { color: duet.boundColour(bound) },
    data: kinds.map((kind) => ((kind.bound || "unknown") === bound ? kind.time_s : null)),
    label: { show: true, position: "right", color: duet.colour("text"), formatter: ({ value }) => (value ? duet.percent(value / total) : "") },
  }));
  return option;
};
