// Elements made of names, attributes and children. Text only ever becomes text: there is no way to markup from here.

const SVG = "http://www.w3.org/2000/svg";

// h("p", {class: "soft", "data-x": 1}, "text", child, null). An attribute that is false or null is left out.
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null) element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== ""));
  return element;
}

// One symbol of the page's sprite (templates/icons.html).
export function icon(name, kind = "verdict-icon") {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { class: `icon ${kind}`, width: 64, height: 64, "aria-hidden": "true", focusable: "false" };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

export function $(id) {
  return document.getElementById(id);
}
