// SPDX-License-Identifier: Apache-2.0
// Chooses the run and the batch size whose details are shown.
duet.panels = () => [...document.querySelectorAll("#details .panel[data-point]")];

duet.radios = (form, name, legendText, choices, chosen) => {
  const fieldset = document.createElement("fieldset");
  const legend = document.createElement("legend");
  legend.textContent = legendText;
  fieldset.append(legend);
  for (const { value, text } of choices) {
    const label = document.createElement("label");
    const radio = document.createElement("input");
    radio.type = "radio";
    radio.name = name;
    radio.value = value;
    radio.checked = value === chosen;
    label.append(radio, text);
    fieldset.append(label);
  }
  form.append(fieldset);
};

duet.showPanel = (run, point) => {
  const form = document.getElementById("selector");
  const own = duet.panels().filter((panel) => Number(panel.dataset.run) === run);
  const batch = (panel) => duet.data.runs[run].points[Number(panel.dataset.point)].batch;
  let panel = own.find((one) => Number(one.dataset.point) === point);
  if (!panel) panel = own[own.length - 1];
  form.replaceChildren();
  const runs = [...new Set(duet.panels().map((one) => Number(one.dataset.run)))];
  if (runs.length > 1) duet.radios(form, "run", "Run", runs.map((index) => ({ value: index, text: duet.data.runs[index].label })), run);
  if (own.length > 1) duet.radios(form, "batch", "Batch", own.map((one) => ({ value: Number(one.dataset.point), text: String(batch(one)) })), Number(panel.dataset.point));
  form.hidden = form.children.length === 0;
  for (const one of duet.panels()) one.classList.toggle("shown", one === panel);
  duet.drawVisible();
  // Panels that were hidden may have another width or theme by now.
  for (const element of panel.querySelectorAll(".chart")) {
    if (duet.charts.has(element)) duet.draw(element);
  }
};

duet.buildSelector = () => {
  const form = document.getElementById("selector");
  const panels = duet.panels();
  if (!form || panels.length === 0) return;
  form.addEventListener("change", (event) => {
    const name = event.target.name;
    const value = Number(event.target.value);
    const shown = panels.find((panel) => panel.classList.contains("shown"));
    const oldRun = Number(shown.dataset.run);
    if (name === "batch") {
      duet.showPanel(oldRun, value);
    } else {
      const batch = duet.data.runs[oldRun].points[Number(shown.dataset.point)].batch;
      duet.showPanel(value, duet.data.runs[value].points.findIndex((point) => point.batch === batch));
    }
    const again = form.querySelector(`input[name="${name}"]:checked`);
    if (again) again.focus();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  const first = Number(panels[0].dataset.run);
  const own = panels.filter((panel) => Number(panel.dataset.run) === first);
  duet.showPanel(first, Number(own[own.length - 1].dataset.point));
};

duet.start();
