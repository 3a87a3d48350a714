// What is to be verified: chosen files and folders, and whatever is dropped on the page, folders with all that is in them.
//
// * A chosen file keeps the path it has in its folder: bidders are often told apart by folders.
// * What systems leave behind (.DS_Store, Thumbs.db, ~$…) is passed over, as the service does.

const LEFT_BEHIND = /(^|\/)(\.|~\$|__MACOSX|Thumbs\.db$|desktop\.ini$)/i;
const LIST = /\.(csv|xlsx)$/i;

// [{file, path}] of an <input type=file>.
export function chosenIn(input) {
  return kept([...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
}

// {files, list}: a dropped CSV or workbook is the list of bidders.
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const plain = [...transfer.files].map((file) => ({ file, path: file.name }));
  const found = entries.length > 0 ? (await Promise.all(entries.map(filesOf))).flat() : plain;
  const list = found.find(({ path }) => LIST.test(path) && !path.includes("/"));
  return { files: kept(found.filter((each) => each !== list)), list: list?.file ?? null };
}

function kept(files) {
  return files.filter(({ path }) => !LEFT_BEHIND.test(path));
}

async function filesOf(entry) {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) return [{ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), path }];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found.flat();
    found.push(...(await Promise.all(some.map(filesOf))));
  }
}
