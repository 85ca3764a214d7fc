// What the page knows: the accounts, chats and calls by their ids, and in `state` the variables that several modules write.

export const bots = new Map(), users = new Map(), chats = new Map(), meters = new Map();
export const calls = new Map();  // the last ones by id, oldest first

export const state = {
  open: { chat: null, topic: null },
  view: { messages: [], from: 0, to: 0, nodes: new Map(), loading: false },  // what of the open chat is in the page
  stuck: true,  // to the bottom
  lastTop: 0,
  size: "",  // of the list and of the room for it, as it was last drawn
  context: null,  // {kind: "reply" or "edit", message, quote?}
  waiting: [],  // files that will be sent
  options: {},
  faults: [],
  findings: [],  // what is wrong with the bots
  notSimulated: {},  // methods that the server does not have, and how often bots called them
  glassTab: null,  // null: closed
  lastMe: null,  // the user of the private chat that was open last
  skew: 0,  // page clock minus server clock, seconds
};

export const serverNow = () => performance.now() / 1000 - state.skew;
