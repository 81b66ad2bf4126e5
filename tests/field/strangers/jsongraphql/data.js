// What the server makes a GraphQL schema of.
module.exports = {
  posts: [
    { id: 1, title: "Lorem", views: 254, user_id: 123 },
    { id: 2, title: "Ipsum", views: 65, user_id: 456 },
    { id: 3, title: "Dolor", views: 76, user_id: 123 },
  ],
  users: [
    { id: 123, name: "John" },
    { id: 456, name: "Jane" },
  ],
};
