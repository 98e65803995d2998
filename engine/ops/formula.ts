// The formulas of elementwise ops, such as `s = sigmoid(x); g * s * (1 + x * (1 - s))`: assignments, then the result.
// This file parses a formula, evaluates it for the reference, and translates it to WGSL, and to AssemblyScript, in which
// a vector holds four values, for tools/kernels.mjs.

/** A number, a name, or a call: of an operator, or of one of `functions`. */
type Expression = number | string | Call;

interface Call {
  function: string;
  of: readonly Expression[];
}

interface Step {
  /** Undefined for the result. */
  name?: string;
  value: Expression;
}

export type Formula = readonly Step[];

const operators: Record<string, (...values: number[]) => number> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  neg: (a) => -a,
};

/** The functions that a formula may call. For WGSL they are in elementwise.wgsl, for the CPU in math.simd.ts. */
const functions: Record<string, (...values: number[]) => number> = {
  max: Math.max,
  exp: Math.exp,
  erf,
  /** 1 where x > 0, else 0. */
  positive: (x) => (x > 0 ? 1 : 0),
};

const call = (name: string, ...of: Expression[]): Call => ({ function: name, of });

/** sigmoid is expanded when a formula is parsed. */
const sigmoid = (x: Expression) => call("/", 1, call("+", 1, call("exp", call("neg", x))));

/** Parses a formula, which may use `names`. Throws an Error that says what is wrong with it. */
export function parse(text: string, names: readonly string[]): Formula {
  const tokens = text.match(/[\d.]+|\w+|\S/g) ?? [];
  const known = new Set(names);
  let at = 0;
  const take = (token: string) => tokens[at] === token && ++at > 0;

  function expect(token: string) {
    if (!take(token)) throw new Error(`${text}: expected ${token}, got ${tokens[at] ?? "the end"}`);
  }

  /** A left-associative chain of operators of one precedence. */
  function sum(): Expression {
    let value = product();
    for (let sign = tokens[at]; take("+") || take("-"); sign = tokens[at]) value = call(sign, value, product());
    return value;
  }

  function product(): Expression {
    let value = operand();
    for (let sign = tokens[at]; take("*") || take("/"); sign = tokens[at]) value = call(sign, value, operand());
    return value;
  }

  function operand(): Expression {
    if (take("-")) return call("neg", operand());
    if (take("(")) {
      const value = sum();
      expect(")");
      return value;
    }
    const token = tokens[at++] ?? "";
    if (/^[\d.]/.test(token)) return Number(token);
    if (!take("(")) {
      if (!known.has(token)) throw new Error(`${text}: expected a known name or a number, got ${token || "the end"}`);
      return token;
    }
    if (token !== "sigmoid" && !(token in functions)) throw new Error(`${text}: there is no function ${token}`);
    const of = [sum()];
    while (take(",")) of.push(sum());
    expect(")");
    return token === "sigmoid" ? sigmoid(of[0]) : call(token, ...of);
  }

  const steps: Step[] = [];
  while (tokens[at + 1] === "=") {
    const name = tokens[at];
    at += 2;
    steps.push({ name, value: sum() });
    known.add(name);
    expect(";");
  }
  steps.push({ value: sum() });
  if (at < tokens.length) throw new Error(`${text}: expected the end, got ${tokens[at]}`);
  return steps;
}

/** The formula as a function of an array: the values of its names, in their order, then room for its variables. */
export function compile(formula: Formula, names: readonly string[]): (values: number[]) => number {
  const places = new Map(names.map((name, i) => [name, i]));
  const compiled = (expression: Expression): ((values: number[]) => number) => {
    if (typeof expression === "number") return () => expression;
    if (typeof expression === "string") {
      const place = places.get(expression)!;
      return (values) => values[place];
    }
    const run = operators[expression.function] ?? functions[expression.function];
    const [a, b] = expression.of.map(compiled);
    return b ? (values) => run(a(values), b(values)) : (values) => run(a(values));
  };
  const steps = formula.map(({ name = "", value }) => {
    const step = { run: compiled(value), place: places.size };
    places.set(name, step.place);
    return step;
  });
  return (values) => {
    for (const { run, place } of steps) values[place] = run(values);
    return values[steps[steps.length - 1].place];
  };
}

/** The formula as WGSL statements, which end with `return`. */
export function toWgsl(formula: Formula): string {
  const write = (expression: Expression): string => {
    if (typeof expression !== "object") return `${expression}`;
    const [name, of] = [expression.function, expression.of.map(write)];
    if (name === "neg") return `(-${of[0]})`;
    return name in operators ? `(${of.join(` ${name} `)})` : `${name}(${of.join(", ")})`;
  };
  return statements(formula, "let", write);
}

/** The same in AssemblyScript, where each name is a vector of four values. */
export function toSimd(formula: Formula): string {
  const vectorOps: Record<string, string> = { "+": "add", "-": "sub", "*": "mul", "/": "div", neg: "neg", max: "max" };
  const write = (expression: Expression): string => {
    if (typeof expression === "number") return `f32x4.splat(<f32>${expression})`;
    if (typeof expression === "string") return expression;
    const { function: name, of } = expression;
    const product = name === "+" ? of.find(isProduct) : undefined;
    if (product) return `madd(${[...product.of, of[of[0] === product ? 1 : 0]].map(write).join(", ")})`;
    return `${vectorOps[name] ? `f32x4.${vectorOps[name]}` : name}(${of.map(write).join(", ")})`;
  };
  return statements(formula, "const", write);
}

const isProduct = (expression: Expression): expression is Call =>
  typeof expression === "object" && expression.function === "*";

const statements = (formula: Formula, declare: string, write: (expression: Expression) => string): string =>
  formula.map(({ name, value }) => `  ${name ? `${declare} ${name} =` : "return"} ${write(value)};\n`).join("");

/** The error function: 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1 · 3 · … · (2n+1)), whose terms all have the sign of x. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [sum, term] = [0, x];
  for (let n = 1; sum + term !== sum; n++) {
    sum += term;
    term *= (2 * x * x) / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
