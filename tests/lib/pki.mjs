// Certificates of the test's own, made by openssl.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const openssl = (...args) => execFileSync('openssl', args, { stdio: 'pipe' });

/*
 * new Pki(dir) makes an authority: .caFile.
 * issue(name, { hosts, client, from, to }) gives { cert, key, file } (PEM; file
 * holds both); hosts are names and addresses, from and to YYYYMMDDHHMMSSZ.
 * selfSigned(name, hosts) belongs to no authority.
 */
export class Pki {
	constructor(dir) {
		this.dir = path.join(dir, 'pki');
		fs.mkdirSync(this.dir);
		this.caFile = this.#at('ca.pem');
		openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
		    '-keyout', this.#at('ca.key'), '-out', this.caFile, '-days', '30',
		    '-subj', '/CN=ewa test authority', '-addext', 'basicConstraints=critical,CA:TRUE');
		fs.writeFileSync(this.#at('index.txt'), '');
		fs.writeFileSync(this.#at('ca.conf'), `
[ca]
default_ca = d
[d]
dir = ${this.dir}
database = ${this.#at('index.txt')}
new_certs_dir = ${this.dir}
certificate = ${this.caFile}
private_key = ${this.#at('ca.key')}
rand_serial = yes
default_md = sha256
default_days = 30
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
`);
	}

	#at(name) {
		return path.join(this.dir, name);
	}

	#request(name, hosts) {
		const san = hosts.map((h) => (/^[0-9.]+$|:/.test(h) ? `IP:${h}` : `DNS:${h}`)).join(',');
		return ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
			'-keyout', this.#at(`${name}.key`), '-subj', `/CN=${name}`,
			...(san === '' ? [] : ['-addext', `subjectAltName=${san}`])];
	}

	#pair(name) {
		const cert = fs.readFileSync(this.#at(`${name}.pem`), 'utf8');
		const key = fs.readFileSync(this.#at(`${name}.key`), 'utf8');
		const file = this.#at(`${name}-both.pem`);
		fs.writeFileSync(file, cert + key);
		return { cert, key, file };
	}

	issue(name, { hosts = [], from, to } = {}) {
		openssl(...this.#request(name, hosts), '-out', this.#at(`${name}.csr`));
		openssl('ca', '-batch', '-notext', '-config', this.#at('ca.conf'),
		    '-in', this.#at(`${name}.csr`), '-out', this.#at(`${name}.pem`),
		    ...(from ? ['-startdate', from] : []), ...(to ? ['-enddate', to] : []));
		return this.#pair(name);
	}

	selfSigned(name, hosts) {
		openssl(...this.#request(name, hosts), '-x509', '-days', '30', '-out', this.#at(`${name}.pem`));
		return this.#pair(name);
	}
}
