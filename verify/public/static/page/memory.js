// What this browser remembers for the page, in IndexedDB: the last lists seen, and the checker's key. Never a verdict.
//
// * A browser that keeps nothing (private window, storage refused) works all the same: read gives undefined, and
//   write says so by false.

const NAME = "chenghe-verify";
const STORE = "kept";

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function within(mode, act) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export async function read(name) {
  try {
    return await within("readonly", (store) => store.get(name));
  } catch {
    return undefined;
  }
}

export async function write(name, value) {
  try {
    await within("readwrite", (store) => store.put(value, name));
    return true;
  } catch {
    return false;
  }
}

export async function forget(name) {
  try {
    await within("readwrite", (store) => store.delete(name));
  } catch {
    // Nothing was kept.
  }
}
