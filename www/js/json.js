// JSON laid out for reading.  Its text is moved, never parsed into values and
// written again: numbers stay digit by digit as they were received.

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

function isJson(s) {
	try {
		JSON.parse(s);
		return true;
	} catch {
		return false;
	}
}

// null: it is no JSON.
export function layOut(s) {
	if (!isJson(s))
		return null;
	const tokens = s.match(token) ?? [];
	let out = '';
	let depth = 0;
	const line = () => `\n${'  '.repeat(depth)}`;
	tokens.forEach((t, n) => {
		if (t === '{' || t === '[') {
			depth++;
			out += t + (']}'.includes(tokens[n + 1]) ? '' : line());
		} else if (t === '}' || t === ']') {
			depth--;
			out += ('[{'.includes(tokens[n - 1]) ? '' : line()) + t;
		} else {
			out += t === ',' ? t + line() : t === ':' ? ': ' : t;
		}
	});
	return out;
}
