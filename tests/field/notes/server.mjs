// A service for notes: Express 5, a hand-written OpenAPI 3.0 document, RS256 tokens, and a GraphQL door.
import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import express from "express";
import * as OpenApiValidator from "express-openapi-validator";
import helmet from "helmet";
import yaml from "js-yaml";
import { door } from "./graph.mjs";
import { rulesWith } from "./defects.mjs";
import { LIFETIME } from "./rules.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const documentFile = path.join(here, "openapi.yaml");
const rules = rulesWith(process.env.FIELD_DEFECTS ?? "");
const themes = mkdtempSync(path.join(tmpdir(), "notes-themes-"));
writeFileSync(path.join(themes, "plain.css"), "body { font: 1em serif; }\n");
writeFileSync(path.join(themes, "dark.css"), "body { background: #111; color: #eee; }\n");

const store = { users: [], notes: [], revoked: new Set(), keys: new Map(), failures: new Map() };
const newId = () => randomBytes(8).toString("hex");
const hashed = (password, salt = randomBytes(16)) => `${salt.toString("hex")}$${scryptSync(password, salt, 32).toString("hex")}`;
const isPassword = (password, kept) => timingSafeEqual(Buffer.from(hashed(password, Buffer.from(kept.split("$")[0], "hex"))), Buffer.from(kept));
const NO_HASH = hashed("nobody has this password");

export class Refused extends Error {
  constructor(status, detail, headers = {}) {
    super(detail);
    Object.assign(this, { status, headers, expected: true });
  }
}

export function addUser(username, password, role) {
  const user = { id: newId(), username, password: hashed(password), display_name: username.split("@")[0], role };
  store.users.push(user);
  return user;
}

function addNote(owner, values) {
  const note = { id: newId(), number: store.notes.length, owner, readers: new Set(), version: 1, removed: false, color: "white", ...values };
  store.notes.push(note);
  return note;
}

function callerOf(request) {
  let claims;
  try {
    claims = rules.readToken(rules.tokenOf(request));
  } catch {
    throw new Refused(401, "A valid access token is needed.");
  }
  const user = store.users.find((each) => each.id === claims.sub);
  if (!user || rules.isRevoked(store, claims)) throw new Refused(401, "A valid access token is needed.");
  return Object.assign(Object.create(null), { user, claims });
}

const app = express();
app.disable("x-powered-by");
app.disable("etag");
app.use((request, response, next) => {
  Object.defineProperty(request, "fresh", { value: false }); // Express would answer 304 by itself, whatever the rules say
  next();
});
app.set("query parser", "simple");
app.use(helmet());
app.use((request, response, next) => {
  rules.headers(request, response);
  if (request.method === "HEAD") request.method = "GET"; // Node itself leaves the body out
  next();
});
rules.extraRoutes(app, store);
app.get("/openapi.json", (request, response) => response.json(yaml.load(readFileSync(documentFile, "utf8"))));
app.get("/.well-known/key.pem", (request, response) => response.type("application/x-pem-file").send(rules.publicKey));
app.use("/graphql", door({ store, rules, callerOf, addNote }));

// What the document knows but not by this method.
const methods = Object.entries(yaml.load(readFileSync(documentFile, "utf8")).paths).map(([template, item]) => ({
  pattern: new RegExp(`^/api${template.replace(/\{[^}]+\}/g, "[^/]+")}/?$`),
  allowed: ["get", "put", "post", "patch", "delete"].filter((each) => each in item).flatMap((each) => (each === "get" ? ["GET", "HEAD"] : [each.toUpperCase()])),
}));
app.use("/api", (request, response, next) => {
  const found = methods.find((each) => each.pattern.test(`/api${request.path}`));
  if (!found) throw new Refused(404, "There is nothing here.");
  const allowed = [...found.allowed, "OPTIONS"];
  if (request.method === "OPTIONS") return response.set("Allow", allowed.join(", ")).status(204).end();
  if (!allowed.includes(request.method)) throw new Refused(405, "That method is not allowed.", { Allow: rules.allow(allowed) });
  return next();
});

// Who is calling comes before what is asked.
const OPEN = new Set(["/register", "/login", "/themes", "/health"]);
app.use("/api", (request, response, next) => {
  if (!OPEN.has(request.path.replace(/\/$/, "")) && !rules.isPublic(request.method, request.path)) Object.assign(request, callerOf(request));
  next();
});
app.use(express.json({ limit: "100kb", type: ["application/json"] }));
app.use(express.raw({ limit: "100kb", type: "application/octet-stream" }));

const checked = OpenApiValidator.middleware({ apiSpec: documentFile, validateResponses: false, validateSecurity: false, validateRequests: { allowUnknownQueryParameters: true }, ignorePaths: /^(?!\/api)/, $refParser: { mode: "dereference" } });
for (const each of checked) app.use((request, response, next) => (rules.accepts(request) ? each(request, response, next) : next()));

const api = express.Router();
const send = (request, response, status, body) => response.status(status).type(rules.mediaType(request)).send(Buffer.from(JSON.stringify(body)));
const forAdmins = (request, operation) => {
  if (request.user && request.user.role !== "admin" && rules.isForAdmins(operation)) throw new Refused(403, "This is for administrators.");
};
const noteOf = (request, may) => {
  const note = store.notes.find((each) => each.id === request.params.id);
  if (!rules.isThere(note) || !may(request.user, note)) throw new Refused(404, "There is no such note.");
  return note;
};

api.post("/register", (request, response) => {
  const { username, password } = request.body;
  if (store.users.some((each) => each.username === username)) throw new Refused(409, "That name is taken.");
  send(request, response, 201, rules.userOut(addUser(username, password, rules.newRole(request.body))));
});
api.post("/login", (request, response) => {
  const { username, password } = request.body;
  if (rules.isThrottled(store.failures, username)) throw new Refused(429, "Too many tries.", { "Retry-After": "60" });
  const user = store.users.find((each) => each.username === username);
  if (!isPassword(password, user?.password ?? NO_HASH) || !user) {
    store.failures.set(username, [...(store.failures.get(username) ?? []).slice(-20), Date.now()]);
    const refusal = rules.refusalOfLogin(user !== undefined);
    throw new Refused(refusal.status, refusal.detail);
  }
  send(request, response, 200, { access_token: rules.newToken(user), token_type: "Bearer", expires_in: LIFETIME });
});
api.post("/logout", (request, response) => {
  store.revoked.add(request.claims.jti);
  response.status(204).end();
});
api.get("/me", (request, response) => send(request, response, 200, rules.userOut(request.user)));
api.patch("/me", (request, response) => send(request, response, 200, rules.userOut(rules.changed(request.user, request.body))));
api.get("/users", (request, response) => {
  forAdmins(request, "listUsers");
  send(request, response, 200, store.users.slice(0, 1000).map(rules.userOut));
});
api.delete("/users/:id", (request, response) => {
  forAdmins(request, "removeUser");
  const user = store.users.find((each) => each.id === request.params.id);
  if (!user) throw new Refused(404, "There is no such user.");
  if (user.role === "admin") throw new Refused(409, "An administrator stays.");
  store.users = store.users.filter((each) => each !== user);
  response.status(204).end();
});
api.get("/notes", (request, response) => {
  const { q = "", page = 1, size = 20, sort = "newest" } = request.query;
  const mine = store.notes.filter((each) => !each.removed && rules.maySee(request.user, each) && rules.matches(each, q)).sort(rules.order(sort));
  const count = rules.pageSize(Number(size));
  const first = rules.firstOf(Number(page), count);
  send(request, response, 200, { items: mine.slice(first, first + count).map(rules.noteOut), total: mine.length });
});
api.post("/notes", (request, response) => {
  const key = request.get("idempotency-key");
  const print = rules.fingerprint(request.body);
  const earlier = rules.remembered(store, request.user, key);
  if (earlier && earlier.print !== print) throw new Refused(422, "That Idempotency-Key was used with another body.");
  const { title, text, color = "white" } = request.body;
  const note = earlier?.note ?? addNote(request.user, { title, text, color });
  if (key) store.keys.set(`${request.user.id} ${key}`, { print, note });
  response.set({ Location: `/api/notes/${note.id}`, ETag: rules.etag(note) });
  send(request, response, 201, rules.noteOut(note));
});
api.get("/notes/:id", (request, response) => {
  const note = noteOf(request, rules.maySee);
  response.set("ETag", rules.etag(note));
  if (rules.isUnchanged(request.get("if-none-match") ?? "", rules.etag(note))) return response.status(304).end();
  return send(request, response, 200, rules.noteOut(note));
});
api.put("/notes/:id", (request, response) => {
  const note = noteOf(request, rules.mayChange);
  if (rules.isStale(request.get("if-match"), rules.etag(note))) throw new Refused(412, "The note has changed since you read it.");
  const { title, text, color = "white" } = request.body;
  Object.assign(note, { title, text, color, version: note.version + 1 });
  response.set("ETag", rules.etag(note));
  send(request, response, 200, rules.noteOut(note));
});
api.delete("/notes/:id", (request, response) => {
  noteOf(request, rules.mayChange).removed = true;
  response.status(rules.removedStatus()).end();
});
api.get("/notes/:id/page", (request, response) => {
  response.type("text/html").send(rules.page(noteOf(request, rules.maySee)));
});
api.post("/notes/:id/readers", (request, response) => {
  noteOf(request, rules.mayChange).readers.add(request.body.username);
  response.status(204).end();
});
api.put("/notes/:id/file", (request, response) => {
  noteOf(request, rules.mayChange).file = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  response.status(204).end();
});
api.get("/themes", (request, response) => {
  const file = rules.theme(themes, request.query.name);
  if (!file || !existsSync(file)) throw new Refused(404, "There is no such theme.");
  response.type("text/css").send(readFileSync(file));
});
api.post("/import", async (request, response) => {
  if (!(await rules.mayFetch(request.body.url))) throw new Refused(422, "That address may not be fetched.");
  const answer = await fetch(request.body.url, { redirect: "error", signal: AbortSignal.timeout(3000) }).catch(() => undefined);
  if (!answer?.ok) throw new Refused(422, "There is no page.");
  const text = (await answer.text()).slice(0, 10000);
  send(request, response, 201, rules.noteOut(addNote(request.user, { title: "Imported", text })));
});
api.get("/health", (request, response) => send(request, response, 200, { status: "ok" }));

app.use("/api", api);
app.use(() => {
  throw new Refused(404, "There is nothing here.");
});
app.use((error, request, response, next) => {
  const status = error.status >= 400 && error.status < 500 ? error.status : 500;
  const detail = status === 500 ? "Something went wrong." : error.message;
  response.set(error.headers ?? {});
  const challenge = status === 401 ? rules.challenge() : undefined;
  if (challenge) response.set("WWW-Authenticate", challenge);
  response.status(status).set("Content-Type", "application/problem+json").send(Buffer.from(JSON.stringify(rules.problem(status, STATUS_CODES[status], detail, error))));
});

addUser(process.env.ADMIN_USERNAME, process.env.ADMIN_PASSWORD, "admin");
const port = Number(process.argv[process.argv.indexOf("--port") + 1]);
app.listen(port, "127.0.0.1");
