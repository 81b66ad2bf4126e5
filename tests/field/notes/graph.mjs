// The GraphQL door of the notes service, by graphql-http.
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildSchema, GraphQLError } from "graphql";
import { createHandler } from "graphql-http/lib/use/express";

const here = path.dirname(fileURLToPath(import.meta.url));

/** Return a middleware that answers GraphQL over HTTP. */
export function door({ store, rules, callerOf, addNote }) {
  const user = ({ id, username, role }) => ({ id, username, role });
  const out = (note) => ({ ...rules.noteOut(note), owner: user(note.owner) });
  const mine = (caller) => store.notes.filter((each) => !each.removed && rules.maySeeByGraph(caller, each));
  const found = (caller, id) => store.notes.find((each) => each.id === id && !each.removed && rules.maySeeByGraph(caller, each));
  const root = {
    me: (_, { user: caller }) => user(caller),
    note: ({ id }, { user: caller }) => {
      const note = found(caller, id);
      return note ? out(note) : null;
    },
    notes: ({ first, after }, { user: caller }) => {
      if (first < 1) throw new GraphQLError("first is at least 1");
      const size = rules.pageSize(first);
      const rest = rules.afterCursor(mine(caller), after);
      const edges = rest.slice(0, size).map((each) => ({ cursor: each.id, node: out(each) }));
      return { edges, pageInfo: { hasNextPage: rules.hasNextPage(rest, size), endCursor: edges.at(-1)?.cursor ?? null } };
    },
    addNote: ({ title, text }, { user: caller }) => {
      if (title.length < 1 || title.length > 120 || text.length > 10000) throw new GraphQLError("The title or the text is too short or too long");
      return out(addNote(caller, { title, text }));
    },
    removeNote: ({ id }, { user: caller }) => {
      const note = store.notes.find((each) => each.id === id && !each.removed && each.owner === caller);
      if (note) note.removed = true;
      return note !== undefined;
    },
  };
  const handler = createHandler({
    schema: buildSchema(readFileSync(path.join(here, "schema.graphql"), "utf8")),
    rootValue: root,
    context: (request) => callerOf(request.raw),
    validationRules: rules.graphRules(),
    formatError: (error) => rules.graphError(error),
  });
  return [
    (request, response, next) => {
      callerOf(request);
      next();
    },
    handler,
  ];
}
