// Lists that grow by pages below what is shown, and stay as long as they are
// when they are read again.

import { useEffect, useRef, useState } from '../dom.js';
import { get } from '../api.js';
import { useLoad } from './data.js';

const pageOf = 50;
const most = 200; // that the API gives at once

// As many as are shown, read again from the first one on.
async function read(path, query, wanted, signal) {
	const items = [];
	let page = { next: null };
	do {
		const limit = Math.min(most, Math.max(pageOf, wanted - items.length));
		page = await get(path, { ...query, limit, cursor: page.next }, signal);
		items.push(...page.items);
	} while (page.next && items.length < wanted);
	return { items, next: page.next, total: page.total };
}

// { items, next, total, more, growing, value, error, loading, reload }
export function useGrowing(path, query) {
	const key = JSON.stringify(query);
	const length = useRef({ key, n: pageOf });
	if (length.current.key !== key)
		length.current = { key, n: pageOf };
	const list = useLoad((signal) => read(path, query, length.current.n, signal), [path, key]);
	const [growing, setGrowing] = useState(false);
	const more = () => {
		const shown = list.value?.items.length ?? 0;
		length.current.n = shown + Math.min(most, Math.max(pageOf, shown));
		setGrowing(true);
		list.reload();
	};
	useEffect(() => {
		if (!list.loading)
			setGrowing(false);
	}, [list.loading]);
	return { ...list, items: list.value?.items ?? [], next: list.value?.next ?? null, total: list.value?.total, more, growing };
}
