// What stands on the page brought in line with what is wanted, touching only what differs: the keyboard's focus, the place
// scrolled to and the text selected stay, and a screen reader goes on where it was.
//
// * An element is the one that stood there when id, data-row or data-sort is the same; without any: its name and class, in
//   order. What stays is not moved unless the order changed.
// * What stays keeps its listeners: those of the wanted element have to do the same.

export function renew(place, wanted) {
  const standing = new Map();
  for (const node of place.childNodes) standing.set(key(node), [...(standing.get(key(node)) ?? []), node]);
  const pairs = wanted.map((node) => [standing.get(key(node))?.shift() ?? node, node]);
  for (const node of [...standing.values()].flat()) node.remove();
  let next = place.firstChild;
  for (const [node, like] of pairs) {
    if (node === next) next = next.nextSibling;
    else place.insertBefore(node, next);
    if (node !== like) liken(node, like);
  }
}

function key(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return node.nodeName;
  const { row, sort } = node.dataset;
  return node.id || row || sort || `${node.nodeName} ${node.getAttribute("class") ?? ""}`;
}

function liken(node, like) {
  if (node.isEqualNode(like)) return;
  if (node.nodeType !== Node.ELEMENT_NODE) {
    node.data = like.data;
    return;
  }
  for (const { name } of [...node.attributes]) if (!like.hasAttribute(name)) node.removeAttribute(name);
  for (const { name, value } of like.attributes) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  renew(node, [...like.childNodes]);
}
