'use strict';

// A function with a heap of a chosen size (HEAP_MB, in 10^6 bytes), built as it loads.
//
// A quarter of the heap is a map of small objects, the rest buffers in which no two pages are
// alike. One event touches a small part of both. Handler: heap.handler; event: {"key": 7}, and
// "holdMs" to keep the instance busy for that long.

const PAGE = 4096;
const ARRAY = 1 << 20;
const ENTRY = 116; // bytes that one entry of the map takes: measured on Node.js 20
const STRIDE = 7919; // a prime, so that successive look-ups lie far apart

function array(number) {
  const block = Buffer.allocUnsafeSlow(ARRAY);
  for (let i = 0; i < ARRAY; i++) {
    block[i] = (i % 255) + 1;
  }
  for (let page = 0; page < ARRAY; page += PAGE) {
    block.writeUInt32LE(number * ARRAY + page, page);
  }
  return block;
}

const wanted = Number(process.env.HEAP_MB || '50') * 1_000_000;
const table = new Map();
for (let i = 0; i < Math.floor(wanted / 4 / ENTRY); i++) {
  table.set('k' + i, { number: i, third: i / 3 });
}
const arrays = [];
for (let i = 0; i < Math.floor((wanted * 3) / 4 / ARRAY); i++) {
  arrays.push(array(i));
}

/** Returns a sum over 16 entries and 16 pages, which depends on the key alone. */
exports.handler = async (event) => {
  const key = Number(event.key || 0);
  let total = 0;
  for (let step = key; step < key + 16; step++) {
    const entry = table.get('k' + ((step * STRIDE) % Math.max(1, table.size)));
    total += entry ? entry.number + entry.third : 0;
    if (arrays.length > 0) {
      total += arrays[(step * STRIDE) % arrays.length][(step % 256) * PAGE + 9];
    }
  }
  if (event.holdMs !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, event.holdMs));
  }
  return { sum: total, entries: table.size, arrays: arrays.length };
};
