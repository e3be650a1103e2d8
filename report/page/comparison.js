// SPDX-License-Identifier: Apache-2.0
// Two or more runs side by side; the boxes above the charts choose which.
duet.shownRuns = () => duet.data.runs.map((run, index) => ({ run, index })).filter(({ index }) => !duet.hiddenRuns.has(index));
duet.runColour = (index) => { const palette = duet.palette(); return palette[[0, 3, 2, 5, 4, 1, 6, 7, 8, 9, 10, 11][index % 12] % palette.length]; };

duet.metricUnit = { ttft_s: "s", tbt_s: "s", throughput_tokens_per_s: "tok/s" };

duet.drawings.comparison = (element, { phaseName }) => {
  const runs = duet.shownRuns();
  const unit = duet.metricUnit[phaseName];
  const batches = [...new Set(duet.data.runs.flatMap((run) => (run.points || []).map((point) => point.batch)))].sort((a, b) => a - b);
  duet.setHeight(element, 300);
  const option = duet.base();
  option.tooltip.formatter = ({ seriesName, name, value }) => `${seriesName}\nbatch ${name}: ${duet.amount(value, unit)}`;
  option.xAxis = { type: "category", name: "batch", nameLocation: "middle", nameGap: 26, data: batches.map(String), ...duet.axisStyle() };
  option.yAxis = { type: "value", ...duet.axisStyle() };
  option.yAxis.axisLabel.formatter = (value) => duet.amount(value, unit).replace(/\.0+ /, " ");
  option.grid.bottom = 28;
  option.series = runs.map(({ run, index }) => ({
    name: run.label, type: runs.length > 8 ? "line" : "bar", itemStyle: { color: duet.runColour(index) },
    data: batches.map((batch) => { const point = (run.points || []).find((one) => one.batch === batch); return point && point.fits !== false && Number.isFinite(point[phaseName]) ? point[phaseName] : null; }),
  }));
  return option;
};

duet.drawings["comparison-kinds"] = (element, { phaseName }) => {
  const rows = duet.shownRuns().map(({ run }) => {
    const points = (run.points || []).filter((point) => point[phaseName] && (point[phaseName].layer_kinds || []).length > 0);
    const point = points[points.length - 1];
    return point && { name: `${run.label}\nbatch ${point.batch}`, parts: point[phaseName].layer_kinds.map((kind) => ({ name: kind.kind, value: kind.time_s || 0 })) };
  }).filter(Boolean);
  if (rows.length === 0) return null;
  return duet.stackedBars(element, rows, "s", []);
};

duet.buildToggles = () => {
  const fieldset = document.getElementById("shown-runs");
  if (!fieldset || duet.data.runs.length > 40) return;
  duet.data.runs.forEach((run, index) => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => {
      if (box.checked) duet.hiddenRuns.delete(index); else duet.hiddenRuns.add(index);
      duet.redrawAll();
    });
    label.append(box, run.label);
    fieldset.append(label);
  });
  fieldset.hidden = false;
};
