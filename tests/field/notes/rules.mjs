// Every decision of the notes service that is worth breaking, one function each; a defect replaces some.
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { isIP, BlockList } from "node:net";
import path from "node:path";
import jwt from "jsonwebtoken";
import { GraphQLError, NoSchemaIntrospectionCustomRule } from "graphql";

export const LIFETIME = 1200;
export const LARGEST_PAGE = 50;
const TRIES = 7;
const WINDOW = 60_000;

const closed = new BlockList();
for (const [net, bits] of [["0.0.0.0", 8], ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["169.254.0.0", 16], ["172.16.0.0", 12], ["192.168.0.0", 16], ["224.0.0.0", 3]]) closed.addSubnet(net, bits, "ipv4");
closed.addSubnet("::", 8, "ipv6");
closed.addSubnet("fc00::", 6, "ipv6");

const keys = generateKeyPairSync("rsa", { modulusLength: 2048, publicKeyEncoding: { type: "spki", format: "pem" }, privateKeyEncoding: { type: "pkcs8", format: "pem" } });

const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Refuse a query with more than `most` fields at the top, or nested deeper than `deepest`. */
export const bounded = (most, deepest) => (context) => {
  const fields = (node, depth) => {
    if (depth > deepest) context.reportError(new GraphQLError(`The query is nested deeper than ${deepest}.`));
    return (node.selectionSet?.selections ?? []).reduce((count, each) => count + 1 + (depth > deepest ? 0 : fields(each, depth + 1)), 0);
  };
  return { OperationDefinition: (node) => { if (fields(node, 0) > most) context.reportError(new GraphQLError(`The query has more than ${most} fields.`)); } };
};

export const sound = {
  publicKey: keys.publicKey,

  // Who is calling.
  newToken: (user) => jwt.sign({ role: user.role }, keys.privateKey, { algorithm: "RS256", subject: user.id, audience: "notes", expiresIn: LIFETIME, jwtid: randomBytes(16).toString("hex") }),
  readToken: (token) => jwt.verify(token, keys.publicKey, { algorithms: ["RS256"], audience: "notes" }),
  tokenOf: (request) => /^bearer +(\S+)$/i.exec(request.get("authorization") ?? "")?.[1] ?? "",
  isRevoked: (store, claims) => store.revoked.has(claims.jti),
  isPublic: () => false,
  isForAdmins: () => true,
  maySee: (user, note) => note.owner === user || note.readers.has(user.username),
  mayChange: (user, note) => note.owner === user,
  maySeeByGraph: (user, note) => note.owner === user || note.readers.has(user.username),
  newRole: () => "user",
  changed: (user, body) => Object.assign(user, { display_name: body.display_name }),
  refusalOfLogin: () => ({ status: 401, detail: "User name or password is wrong." }),
  isThrottled: (failures, username) => (failures.get(username) ?? []).filter((at) => Date.now() - at < WINDOW).length >= TRIES,

  // What is shown.
  userOut: ({ id, username, display_name, role }) => ({ id, username, display_name, role }),
  noteOut: ({ id, title, text, color, version }) => ({ id, title, text, color, version }),
  pageSize: (asked) => Math.min(asked, LARGEST_PAGE),
  firstOf: (page, size) => (page - 1) * size,
  matches: (note, words) => `${note.title} ${note.text}`.toLowerCase().includes(words.toLowerCase()),
  order: (sort) => (sort === "title" ? (a, b) => a.title.localeCompare(b.title) || a.number - b.number : (a, b) => b.number - a.number),
  isThere: (note) => note !== undefined && !note.removed,
  etag: (note) => `"${note.id}-${note.version}"`,
  isUnchanged: (asked, etag) => asked.split(",").some((each) => each.trim().replace(/^W\//, "") === etag),
  isStale: (asked, etag) => asked !== undefined && asked !== "*" && !asked.split(",").some((each) => each.trim() === etag),
  page: (note) => `<!doctype html><html lang="en"><title>${escaped(note.title)}</title><h1>${escaped(note.title)}</h1><pre>${escaped(note.text)}</pre></html>`,
  theme: (folder, name) => (/^[a-z]{1,20}\.css$/.test(name) ? path.join(folder, name) : undefined),

  // What may be written.
  accepts: () => true,
  removedStatus: () => 204,
  fingerprint: (body) => createHash("sha256").update(JSON.stringify(body)).digest("hex"),
  remembered: (store, user, key) => (key ? store.keys.get(`${user.id} ${key}`) : undefined),
  mayFetch: async (url) => {
    let parts;
    try { parts = new URL(url); } catch { return false; }
    if (!["http:", "https:"].includes(parts.protocol)) return false;
    const found = await lookup(parts.hostname.replace(/^\[|\]$/g, ""), { all: true }).catch(() => []);
    return found.length > 0 && found.every(({ address }) => !closed.check(address, isIP(address) === 6 ? "ipv6" : "ipv4"));
  },

  // How it is said.
  problem: (status, title, detail) => ({ type: "about:blank", title, status, detail }),
  mediaType: () => "application/json",
  headers: (request, response) => {
    response.set("Cache-Control", request.get("authorization") || request.method !== "GET" ? "no-store" : "no-cache");
  },
  challenge: () => 'Bearer realm="notes"',
  allow: (methods) => methods.join(", "),
  extraRoutes: () => {},

  // GraphQL.
  graphRules: () => [NoSchemaIntrospectionCustomRule, bounded(60, 8)],
  graphError: (error) => {
    const isOurs = error.originalError && !(error.originalError instanceof GraphQLError) && !error.originalError.expected;
    const message = isOurs ? "Something went wrong." : error.message.replace(/ Did you mean .*\?$/s, "");
    return new GraphQLError(message, { nodes: error.nodes, source: error.source, positions: error.positions, path: error.path, extensions: error.extensions });
  },
  hasNextPage: (rest, size) => rest.length > size,
  afterCursor: (notes, after) => (after ? notes.slice(notes.findIndex((each) => each.id === after) + 1) : notes),
  mutationByGet: false,
};
