"use strict";
// One object holds what the parts of the page's script share. All text goes in by textContent.
const embmon = {
  parts: [],

  data(key) {
    const block = document.getElementById("data-" + key);
    return block ? JSON.parse(block.textContent) : {};
  },

  bytes(text) {
    return Uint8Array.from(atob(text || ""), (char) => char.charCodeAt(0));
  },

  // Little-endian uint16.
  numbers(text) {
    const raw = new DataView(embmon.bytes(text).buffer);
    return Uint16Array.from({ length: raw.byteLength / 2 }, (_, i) => raw.getUint16(2 * i, true));
  },

  // The same as parts of a whole, in [0, 1].
  places(text) {
    return Float32Array.from(embmon.numbers(text), (value) => value / 65535);
  },

  short(value) {
    return value === null ? "–" : String(Number(value.toPrecision(3)));
  },

  make(tag, style, text) {
    const node = document.createElement(tag);
    if (style) node.className = style;
    if (text !== undefined) node.textContent = text;
    return node;
  },

  button(text, action, style) {
    const node = embmon.make("button", style, text);
    node.type = "button";
    node.addEventListener("click", action);
    return node;
  },

  colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  },

  // The picked topic of a chapter and the rows selected on its map; what shows them listens.
  picks() {
    const listeners = [];
    return {
      id: null,
      chosen: null,
      listen(action) { listeners.push(action); },
      choose(found) {
        this.chosen = found;
        listeners.forEach((action) => action(this.id));
      },
      set(id) {
        this.id = this.id === id ? null : id;
        listeners.forEach((action) => action(this.id));
      },
    };
  },

  // Calls `draw` whenever the node's width or the colours change.
  redraw(node, draw) {
    let width = node.clientWidth;
    new ResizeObserver(() => {
      if (node.clientWidth === width) return;
      width = node.clientWidth;
      draw();
    }).observe(node);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  },
};
