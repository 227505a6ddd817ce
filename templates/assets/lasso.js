// Rows selected on the map, by a line drawn around them or by what is in view; the tables follow.
embmon.lasso = function lasso(box, canvas, points, picks, where) {
  const most = 60;
  const names = "http://www.w3.org/2000/svg";
  const layer = document.createElementNS(names, "svg");
  const line = document.createElementNS(names, "path");
  layer.setAttribute("class", "lasso");
  layer.setAttribute("aria-hidden", "true");
  layer.append(line);
  canvas.append(layer);
  const found = { on: false };
  let corners = [];

  function inside(x, y) {
    let odd = false;
    corners.forEach(([x1, y1], i) => {
      const [x2, y2] = corners[(i + 1) % corners.length];
      if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) odd = !odd;
    });
    return odd;
  }

  function choose(rows) {
    if (!rows.length) return picks.choose(null);
    const has = new Uint8Array(points.n);
    rows.forEach((i) => { has[i] = 1; });
    picks.choose({
      has, rows, count: rows.length === 1 ? "1 row" : rows.length + " rows",
      ids: new Set(rows.map(points.id).filter(Boolean)), clusters: new Set(rows.map(points.clusterId).filter((id) => id !== null)),
    });
  }

  function cells(i) {
    const words = points.words(i);
    const row = embmon.make("tr");
    const head = embmon.make("th", "rowtext", words.head);
    head.scope = "row";
    row.append(head, embmon.make("td", "", words.lines.join(" · ")));
    return row;
  }

  // The selected rows themselves: current ones first, of those the most novel.
  function list() {
    const node = box.querySelector("[data-selection]");
    node.hidden = picks.chosen === null;
    node.replaceChildren();
    if (picks.chosen === null) return;
    const { rows, count } = picks.chosen;
    const current = (i) => (points.split && points.split[i] === 1 ? 1 : 0);
    const value = (i) => (points.values && points.values[i] !== 255 ? points.values[i] : -1);
    const first = [...rows].sort((a, b) => current(b) - current(a) || value(b) - value(a) || a - b).slice(0, most);
    const part = (side) => {
      const own = (i) => points.split[i] === side;
      const n = rows.filter(own).length;
      return n + " (" + ((100 * n) / Math.max(1, points.rows.filter(own).length)).toFixed(1) + " %)";
    };
    const sides = points.split ? ": " + part(0) + " of the reference, " + part(1) + " of the current rows" : "";
    const table = embmon.make("table", "selected");
    const body = embmon.make("tbody");
    body.append(...first.map(cells));
    table.append(embmon.make("caption", "", count + " selected" + sides + (rows.length > most ? "; the first " + most : "")), body);
    node.append(embmon.button("Show all rows again", () => picks.choose(null)), table);
  }

  found.start = (at) => { corners = [at]; };
  found.trace = (at) => {
    corners.push(at);
    line.setAttribute("d", "M" + corners.map(([x, y]) => x.toFixed(1) + " " + y.toFixed(1)).join("L") + "z");
  };
  found.close = () => {
    const place = where.places(where.frame());
    choose(points.rows.filter((i) => where.seen(i) && inside(...place(i))));
    line.setAttribute("d", "");
  };

  function inView() {
    const frame = where.frame(), place = where.places(frame);
    choose(points.rows.filter((i) => {
      const [x, y] = place(i);
      return where.seen(i) && x > frame.left && x < frame.left + frame.width && y > frame.top && y < frame.top + frame.height;
    }));
  }

  const zoom = box.querySelector("[data-zoom]");
  const draw = embmon.button("Draw around rows", () => {
    found.on = !found.on;
    draw.setAttribute("aria-pressed", String(found.on));
    canvas.classList.toggle("drawing-on", found.on);
  });
  draw.setAttribute("aria-pressed", "false");
  zoom.prepend(draw, embmon.button("Select what is in view", inView));
  picks.listen(list);
  return found;
};
