// A number against its limits: our own keys, the verdict beside it as one types, and one slot for each sample.

import { numbered } from "../numbered.js";

export const partial = (given) => numbered(given, { decimals: given.check.decimals ?? 0, unit: given.said.unit, sign: true });
