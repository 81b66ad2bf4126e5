// What can be wrong with the notes service: each entry replaces some decisions; catalogue.yaml has the words.
import path from "node:path";
import jwt from "jsonwebtoken";
import { createHmac } from "node:crypto";
import { sound, bounded } from "./rules.mjs";
import { NoSchemaIntrospectionCustomRule } from "graphql";

const part = (text) => JSON.parse(Buffer.from(text, "base64url").toString());

export const DEFECTS = {
  "jwt-alg-none": (rules) => ({
    readToken: (token) => {
      const [header, payload] = token.split(".");
      return String(part(header).alg).toLowerCase() === "none" ? part(payload) : rules.readToken(token);
    },
  }),
  "jwt-key-confusion": (rules) => ({
    readToken: (token) => {
      const [header, payload, signature] = token.split(".");
      if (part(header).alg !== "HS256") return rules.readToken(token);
      const expected = createHmac("sha256", rules.publicKey).update(`${header}.${payload}`).digest("base64url");
      if (expected !== signature) throw new Error("signature");
      return part(payload);
    },
  }),
  "jwt-signature-unchecked": () => ({
    readToken: (token) => {
      const claims = part(token.split(".")[1]);
      if (claims.exp < Date.now() / 1000) throw new Error("expired");
      return claims;
    },
  }),
  "jwt-expiry-ignored": (rules) => ({ readToken: (token) => jwt.verify(token, rules.publicKey, { algorithms: ["RS256"], ignoreExpiration: true }) }),
  "logout-keeps-token": () => ({ isRevoked: () => false }),
  "token-in-query": (rules) => ({ tokenOf: (request) => rules.tokenOf(request) || request.query.access_token || "" }),
  "bola-read": () => ({ maySee: (user, note) => user !== undefined || note !== undefined }),
  "bola-write": () => ({ mayChange: () => true }),
  "graphql-bola": () => ({ maySeeByGraph: () => true }),
  "authentication-missing": (rules) => ({ isPublic: (method, where) => (method === "GET" && where.startsWith("/users")) || rules.isPublic(method, where) }),
  "bfla-by-verb": (rules) => ({ isForAdmins: (operation) => operation !== "removeUser" && rules.isForAdmins(operation) }),
  "bfla-by-path": (rules) => ({ isForAdmins: (operation) => operation !== "listUsers" && rules.isForAdmins(operation) }),
  "mass-assignment": () => ({ newRole: (body) => (["user", "admin"].includes(body.role) ? body.role : "user") }),
  "mass-assignment-on-update": () => ({ changed: (user, body) => Object.assign(user, body) }),
  "excessive-data": (rules) => ({ userOut: (user) => ({ ...rules.userOut(user), password: user.password }) }),
  "page-cap-missing": () => ({ pageSize: (asked) => asked }),
  "cors-reflects-origin": (rules) => ({
    headers: (request, response) => {
      rules.headers(request, response);
      if (request.get("origin")) response.set({ "Access-Control-Allow-Origin": request.get("origin"), "Access-Control-Allow-Credentials": "true" });
    },
  }),
  "stack-trace-in-errors": (rules) => ({ problem: (status, title, detail, error) => ({ ...rules.problem(status, title, detail), stack: error?.stack }) }),
  "server-error-on-odd-input": (rules) => ({ matches: (note, words) => { decodeURIComponent(words); return rules.matches(note, words); }, order: (sort) => rules.order(sort), firstOf: (page, size) => { if (page > 50000) throw new Error("too far"); return rules.firstOf(page, size); } }),
  "ssrf": () => ({ mayFetch: async (url) => /^https?:\/\//.test(url) }),
  "template-injection": (rules) => ({
    page: (note) => rules.page({ ...note, text: note.text.replace(/\{\{(.{1,60}?)\}\}|\$\{(.{1,60}?)\}/g, (all, one, two) => { try { return String(new Function(`return (${one ?? two})`)()); } catch { return all; } }) }),
  }),
  "cross-site-scripting": () => ({ page: (note) => `<!doctype html><html lang="en"><title>${note.title}</title><h1>${note.title}</h1><pre>${note.text}</pre></html>` }),
  "path-traversal": () => ({ theme: (folder, name) => (name.includes("\0") ? undefined : path.join(folder, name)) }),
  "login-enumeration": () => ({ refusalOfLogin: (isKnown) => ({ status: 401, detail: isKnown ? "The password is wrong." : "There is no such user." }) }),
  "login-unthrottled": () => ({ isThrottled: () => false }),
  "debug-endpoint-open": (rules) => ({ extraRoutes: (app, store) => { rules.extraRoutes(app, store); app.get("/debug", (request, response) => response.json({ env: process.env, users: store.users.length })); } }),
  "old-version-open": (rules) => ({ extraRoutes: (app, store) => { rules.extraRoutes(app, store); app.get(["/api/v1/users", "/v1/users"], (request, response) => response.json(store.users.map(rules.userOut))); } }),
  "schema-violation": (rules) => ({ noteOut: (note) => ({ ...rules.noteOut(note), version: String(note.version) }) }),
  "enum-widened": (rules) => ({ noteOut: (note) => ({ ...rules.noteOut(note), color: note.color === "blue" ? "navy" : note.color }) }),
  "response-field-removed": (rules) => ({ noteOut: (note) => { const { text, ...rest } = rules.noteOut(note); return rest; } }),
  "success-status-moved": () => ({ removedStatus: () => 202 }),
  "wrong-content-type": (rules) => ({ mediaType: (request) => (request.path === "/me" ? "text/plain" : rules.mediaType(request)) }),
  "invalid-accepted": () => ({ accepts: (request) => !(request.method === "PUT" && request.path.startsWith("/api/notes/")) }),
  "use-after-delete": () => ({ isThere: (note) => note !== undefined }),
  "if-match-ignored": () => ({ isStale: () => false }),
  "etag-ignored": () => ({ isUnchanged: () => false }),
  "allow-missing": () => ({ allow: () => undefined }),
  "challenge-missing": () => ({ challenge: () => undefined }),
  "paging-repeats-row": () => ({ firstOf: (page, size) => Math.max(0, (page - 1) * size - 1) }),
  "idempotency-key-ignored": () => ({ remembered: () => undefined }),
  "idempotency-other-body-accepted": () => ({ fingerprint: () => "any" }),
  "problem-status-disagrees": (rules) => ({ problem: (status, title, detail, error) => ({ ...rules.problem(status, title, detail, error), status: 500 }) }),
  "private-data-cacheable": () => ({ headers: (request, response) => response.set("Cache-Control", "public, max-age=600") }),
  "graphql-introspection-open": () => ({ graphRules: () => [bounded(60, 8)] }),
  "graphql-unbounded": () => ({ graphRules: () => [NoSchemaIntrospectionCustomRule] }),
  "graphql-suggestions": () => ({ graphError: (error) => error }),
  "relay-has-next-page-always": () => ({ hasNextPage: () => true }),
  "relay-after-includes-cursor": () => ({ afterCursor: (notes, after) => (after ? notes.slice(notes.findIndex((each) => each.id === after)) : notes) }),
};

/** Return the rules with the named defects in them; a name that is not known is an error. */
export function rulesWith(names) {
  return names.split(",").filter(Boolean).reduce((rules, name) => {
    if (!(name in DEFECTS)) throw new Error(`no such defect: ${name}`);
    return { ...rules, ...DEFECTS[name](rules) };
  }, sound);
}
