// A voice message in the container that Telegram's apps send: the Opus packets of a WebM file in Ogg pages (RFC 3533, 7845).

const INSIDE = new Set([0x18538067, 0x1654AE6B, 0xAE, 0x1F43B675, 0xA0]);  // Segment, Tracks, TrackEntry, Cluster, BlockGroup
const CODEC_PRIVATE = 0x63A2, SIMPLE_BLOCK = 0xA3, BLOCK = 0xA1;
const RATE = 48;  // samples in a millisecond
const FIRST = 2, LAST = 4;  // flags of a page

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte << 24;
  for (let bit = 0; bit < 8; bit++) rest = rest < 0 ? (rest << 1) ^ 0x04C11DB7 : rest << 1;
  return rest >>> 0;
});

/** Return an Ogg file's bytes for those of a WebM file with one Opus track. */
export function oggOf(webm) {
  const { head, packets } = read(webm);
  const tags = new Uint8Array(8 + 4 + 4), pages = [];
  tags.set(ascii("OpusTags"));
  pages.push(page([head], 0, 0, FIRST), page([tags], 0, 1, 0));
  let time = 0;
  while (packets.length) {
    const some = [];
    for (let room = 255; packets.length && (room -= Math.floor(packets[0].length / 255) + 1) >= 0;) some.push(packets.shift());
    time += some.reduce((sum, packet) => sum + samples(packet), 0);
    pages.push(page(some, time, pages.length, packets.length ? 0 : LAST));
  }
  return new Blob(pages, { type: "audio/ogg" });
}

const ascii = (word) => Uint8Array.from(word, (letter) => letter.charCodeAt(0));

/** Walk through the elements of a WebM file. */
function read(bytes) {
  const found = { head: null, packets: [] };
  for (let at = 0; at < bytes.length;) {
    const id = number(bytes, at, true), size = number(bytes, at + id.length, false), start = at + id.length + size.length;
    const end = size.unknown ? bytes.length : start + size.value;
    if (INSIDE.has(id.value)) { at = start; continue; }
    if (id.value === CODEC_PRIVATE) found.head = bytes.slice(start, end);
    if (id.value === SIMPLE_BLOCK || id.value === BLOCK) found.packets.push(bytes.slice(start + number(bytes, start, false).length + 3, end));
    at = end;
  }
  return found;
}

/** A number of variable length: its leading zero bits tell how many bytes it has. An id keeps its mark. */
function number(bytes, at, isId) {
  const length = Math.clz32(bytes[at] || 1) - 23;
  let value = isId ? bytes[at] : bytes[at] & (0xFF >> length), unknown = value === 0xFF >> length;
  for (let index = 1; index < length; index++) {
    value = value * 256 + bytes[at + index];
    unknown &&= bytes[at + index] === 0xFF;
  }
  return { value, length, unknown };
}

/** How many samples a packet has, by its first byte (RFC 6716, 3.1). */
function samples(packet) {
  const config = packet[0] >> 3, code = packet[0] & 3;
  const size = config < 12 ? [10, 20, 40, 60][config & 3] : config < 16 ? [10, 20][config & 1] : [2.5, 5, 10, 20][config & 3];
  return size * RATE * (code === 0 ? 1 : code < 3 ? 2 : packet[1] & 63);
}

function page(packets, time, ordinal, flags) {
  const lengths = packets.flatMap(({ length }) => [...Array(Math.floor(length / 255)).fill(255), length % 255]);
  const bytes = new Uint8Array(27 + lengths.length + packets.reduce((sum, { length }) => sum + length, 0)), view = new DataView(bytes.buffer);
  bytes.set(ascii("OggS"));
  bytes[5] = flags;
  view.setBigUint64(6, BigInt(Math.round(time)), true);
  view.setUint32(14, 1, true);  // the stream's number
  view.setUint32(18, ordinal, true);
  bytes[26] = lengths.length;
  bytes.set(lengths, 27);
  let at = 27 + lengths.length;
  for (const packet of packets) { bytes.set(packet, at); at += packet.length; }
  view.setUint32(22, bytes.reduce((rest, byte) => ((rest << 8) ^ CRC[(rest >>> 24) ^ byte]) >>> 0, 0), true);
  return bytes;
}
