// The one place that knows which library draws the page.
export {
	createContext, html, render, useCallback, useContext, useEffect, useLayoutEffect,
	useMemo, useRef, useState,
} from '../lib/preact.js';
