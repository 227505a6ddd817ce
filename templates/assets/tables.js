// Topics can be picked from the table by mouse or keyboard; a pick filters the examples.
embmon.parts.push(function tables(chapter, data, picks) {
  const labels = new Map();
  chapter.querySelectorAll("span.pick").forEach((span) => {
    const id = Number(span.dataset.cluster);
    labels.set(id, span.textContent);
    const button = embmon.button(span.textContent, () => picks.set(id), "pick");
    button.dataset.cluster = String(id);
    button.setAttribute("aria-pressed", "false");
    span.replaceWith(button);
  });

  function counted(node) {
    const n = node.parentElement.querySelectorAll("table.examples tbody tr:not([hidden])").length;
    return n === 0 ? "no example here is among them." : "only its " + (n === 1 ? "example is" : n + " examples are") + " shown.";
  }

  function note(node, id, hiding) {
    node.hidden = id === null && !picks.chosen;
    node.replaceChildren();
    if (picks.chosen) {
      const words = picks.chosen.count + " selected on the map: " + (hiding ? counted(node) : "topics without any of them are hidden.");
      return void node.append(embmon.make("span", "", words), embmon.button("Show all", () => picks.choose(null)));
    }
    if (id === null) return;
    const what = "Topic “" + (labels.get(id) || id) + "”" + (hiding ? ": " + counted(node) : " is picked.");
    node.append(embmon.make("span", "", what), embmon.button("Show all", () => picks.set(id)));
  }

  picks.listen((id) => {
    chapter.querySelectorAll("button.pick").forEach((button) => {
      button.setAttribute("aria-pressed", String(Number(button.dataset.cluster) === id));
    });
    chapter.querySelectorAll("table.clusters tbody tr").forEach((row) => {
      row.classList.toggle("picked", id !== null && Number(row.dataset.cluster) === id);
      row.hidden = picks.chosen !== null && !picks.chosen.clusters.has(Number(row.dataset.cluster));
    });
    chapter.querySelectorAll("table.examples tbody tr").forEach((row) => {
      row.hidden = (id !== null && row.dataset.cluster !== String(id)) || (picks.chosen !== null && !picks.chosen.ids.has(row.dataset.row));
    });
    chapter.querySelectorAll("table.examples").forEach((table) => {
      table.parentElement.hidden = table.querySelector("tbody tr:not([hidden])") === null;
    });
    chapter.querySelectorAll("[data-picked]").forEach((node) => {
      note(node, id, node.parentElement.querySelector("table.examples") !== null);
    });
  });
});
