// How many there are, against limits: whole numbers only.

import { numbered } from "../numbered.js";

export const partial = (given) => numbered(given, { decimals: 0, unit: given.said.unit ?? "", sign: false });
