// The time slider: rows of one window at a time, over all the others.
embmon.slider = function slider(box, points, redraw) {
  const node = box.querySelector("[data-windows]");
  const found = { has: null };
  if (!points.windows) return found;
  const { values, names } = points.windows;
  const input = node.querySelector("input"), output = node.querySelector("output");
  node.hidden = false;
  input.max = String(names.length);
  input.addEventListener("input", () => {
    const place = Number(input.value) - 1;
    const has = place < 0 ? null : Uint8Array.from(values, (value) => (value === place ? 1 : 0));
    const n = has ? has.reduce((sum, one) => sum + one, 0) : points.n;
    const words = (has ? names[place] : "all windows") + ": " + n + (n === 1 ? " row" : " rows");
    found.has = has;
    output.textContent = words;
    input.setAttribute("aria-valuetext", words);
    redraw();
  });
  return found;
};
