// Trace-back 回溯: the issued content arranged for reading, as verify/public/content.py arranges it for the server's page.
//
// * A field's path reads 部分／行／栏; its kind says how it was set. Fields are arranged, never reworded and never left
//   out, except page headers and footers. The caller has compared the package's root with the signed one.

const [LABEL, VALUE, SUBHEADING, WATERMARK] = ["栏目名", "栏目值", "小标题", "水印"];
const COLUMNS = new Set(["表头", "表头居左"]);
const CELLS = new Set(["表格文字", "表格居中", "查得结果", "数据缺口"]);
const TITLES = new Set(["报告标题", "报告副题", "部分标题"]);
const MARGINS = /页眉$|页脚$/;
const RESULT = "查询结果";
export const CLEAN = "未查询到";

// [{title, blocks: [{title} | {text} | {header, rows}]}] of [{path, kind, text}].
export function sectionsOf(fields) {
  const shown = fields.filter((field) => !MARGINS.test(first(field)) && field.kind !== WATERMARK);
  return runs(shown, first).map((run) => ({ title: first(run[0]), blocks: blocksOf(run) }));
}

// {header, rows, results} of the table of domains, each result with its row's number and name; null when there is none.
export function domainsOf(sections) {
  const tables = sections.flatMap((section) => section.blocks).filter((block) => block.header?.includes(RESULT));
  if (tables.length === 0) return null;
  const [{ header, rows }] = tables;
  const column = (name) => header.indexOf(name);
  const results = rows.map((row) => ({ name: row[column("领域")] ?? row[1], result: row[column(RESULT)] }));
  return { header, rows, results };
}

export function toneOf(result) {
  if (result === CLEAN) return "good";
  return result.startsWith("有") ? "bad" : "unsure";
}

function blocksOf(fields) {
  return runs(fields, formOf).flatMap((run) => {
    const form = formOf(run[0]);
    if (form === "pairs") return [{ header: [], rows: pairs(run) }];
    if (form === "grid") return [grid(run)];
    return run.filter((field) => field.text !== "" && !TITLES.has(field.kind)).map(line);
  });
}

function line(field) {
  return field.kind === SUBHEADING ? { title: field.text } : { text: field.text };
}

function formOf({ kind }) {
  if (kind === LABEL || kind === VALUE) return "pairs";
  return COLUMNS.has(kind) || CELLS.has(kind) ? "grid" : "text";
}

// Label, then the value that follows it; one without the other keeps its place.
function pairs(fields) {
  const rows = [];
  let label = "";
  for (const { kind, text } of fields) {
    if (kind === VALUE) {
      rows.push([label, text]);
      label = "";
      continue;
    }
    if (label !== "") rows.push([label, ""]);
    label = text;
  }
  if (label !== "") rows.push([label, ""]);
  return rows;
}

function grid(fields) {
  const header = fields.filter((field) => COLUMNS.has(field.kind)).map((field) => field.text);
  const cells = fields.filter((field) => !COLUMNS.has(field.kind));
  return { header, rows: runs(cells, rowOf).map((row) => placed(header, row)) };
}

// Each under the column its path names; an empty cell is no field, so a row may have fewer.
function placed(header, row) {
  const cells = header.map(() => "");
  const beside = [];
  for (const { path, text } of row) {
    const column = header.indexOf(path.slice(path.lastIndexOf("／") + 1));
    if (column >= 0 && cells[column] === "") cells[column] = text;
    else beside.push(text);
  }
  return [...cells, ...beside];
}

function first({ path }) {
  return path.split("／", 1)[0];
}

function rowOf({ path }) {
  return path.slice(0, Math.max(0, path.lastIndexOf("／")));
}

// Neighbours with the same key together.
function runs(items, key) {
  const found = [];
  for (const item of items) {
    const last = found.at(-1);
    if (last !== undefined && key(last[0]) === key(item)) last.push(item);
    else found.push([item]);
  }
  return found;
}
